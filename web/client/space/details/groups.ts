import type { Space } from '#schema/space.ts'
import { showAddressing } from '../../invite/address.ts'
import type { Model, Opened } from '../../model/model.ts'
import { unaddressGroup } from '../../model/spaces.ts'
import { badge } from '../../people/badge.ts'
import { h, type Item } from '../../ui/dom.ts'
import { icon } from '../../ui/icons.ts'
import { menu } from '../../ui/menu.ts'
import { listed, titleOf } from '../words.ts'
import { type Act, listPart, type Part, rightsIn } from './part.ts'
import { showRemoving } from './remove.ts'

/** The groups that a thread addresses: everybody in them reads it too. */
export function groupsPart(model: Model, opened: Opened, act: Act): Part {
  const add = h(
    'button',
    { type: 'button', class: 'with-icon', click: () => showAddressing(model, opened) },
    icon('plus'),
    'Add a group',
  )
  const part = listPart(
    'Groups',
    () => opened.space.groups.map((group) => groupItem(model, opened, group, act)),
    add,
  )
  return {
    element: part.element,
    update() {
      const { isOurs, mayInvite } = rightsIn(model, opened)
      const mayAdd = opened.space.kind === 'thread' && isOurs && mayInvite
      add.hidden = !mayAdd
      part.update()
      part.element.hidden = opened.space.groups.length === 0 && !mayAdd
    },
  }
}

function groupItem(model: Model, opened: Opened, group: Space['groups'][number], act: Act): Item {
  const name = titleOf({ title: group.title, kind: 'group' })
  const { isOurs, mayInvite } = rightsIn(model, opened)
  const mayRemove = isOurs && mayInvite
  const others = group.nodes.filter((node) => node !== model.me.node)
  return {
    key: group.id,
    look: JSON.stringify([group, mayRemove]),
    build: () =>
      h(
        'li',
        { class: 'row' },
        h('div', { class: 'face company', 'aria-hidden': 'true' }, icon('group')),
        h(
          'div',
          { class: 'row-text' },
          h('span', { class: 'name' }, name),
          ' ',
          group.external && badge(others.length > 0 ? listed(others) : group.host),
          h('p', { class: 'hint' }, 'Everybody in the group'),
        ),
        mayRemove &&
          menu(`What to do with ${name}`, [
            { text: 'Take it off…', act: () => askToTakeOff(opened, group, act), isDangerous: true },
          ]),
      ),
  }
}

function askToTakeOff(opened: Opened, { id, title }: Space['groups'][number], act: Act): void {
  showRemoving(opened, {
    title: `Take “${titleOf({ title, kind: 'group' })}” off this thread?`,
    act: 'Take it off',
    subject: { groupId: id },
    remove: async () => {
      await unaddressGroup(opened.id, id)
      act(async () => {})
    },
  })
}
