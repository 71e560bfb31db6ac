import type { SpaceMember } from '#schema/space.ts'
import { showInviting } from '../../invite/dialog.ts'
import type { Model, Opened } from '../../model/model.ts'
import { endMembership } from '../../model/spaces.ts'
import { badgeOf } from '../../people/badge.ts'
import { showCard } from '../../people/card.ts'
import { askFirst } from '../../ui/dialog.ts'
import { h, type Item } from '../../ui/dom.ts'
import { face } from '../../ui/face.ts'
import { icon } from '../../ui/icons.ts'
import { menu, type MenuItem } from '../../ui/menu.ts'
import { titleOf } from '../words.ts'
import { type Act, listPart, type Part, rightsIn } from './part.ts'

const rights: Readonly<Record<SpaceMember['role'], string>> = {
  admin: 'Admin',
  member: 'Writes and invites',
  poster: 'Writes',
  reader: 'Reads',
}

/** The people in the open space, with the badge of those from elsewhere. */
export function membersPart(model: Model, opened: Opened, act: Act): Part {
  const add = h(
    'button',
    { type: 'button', class: 'with-icon', click: () => showInviting(model, opened) },
    icon('plus'),
    'Add people',
  )
  const part = listPart(
    opened.space.kind === 'group' ? 'Members' : 'People',
    () => opened.space.members.map((member) => memberItem(model, opened, member, act)),
    add,
  )
  return {
    element: part.element,
    update() {
      add.hidden = !rightsIn(model, opened).mayInvite
      part.update()
    },
  }
}

function memberItem(model: Model, opened: Opened, member: SpaceMember, act: Act): Item {
  const { person, role } = member
  const isMe = person.id === model.me.id
  const { isAdmin, isOurs } = rightsIn(model, opened)
  const mayRemove = !isMe && isOurs && isAdmin
  const items: MenuItem[] = [{ text: 'Profile', act: () => showCard(model, person) }]
  if (isMe) items.push({ text: 'Leave…', act: () => askToLeave(model, opened, act), isDangerous: true })
  if (mayRemove)
    items.push({ text: 'Remove…', act: () => askToRemove(opened, member, act), isDangerous: true })
  return {
    key: person.id,
    look: JSON.stringify([member, mayRemove]),
    build: () =>
      h(
        'li',
        { class: 'row' },
        face(person.name, person.id),
        h(
          'div',
          { class: 'row-text' },
          h(
            'button',
            { type: 'button', class: 'name linkish', click: () => showCard(model, person) },
            isMe ? `${person.name} (you)` : person.name,
          ),
          ' ',
          badgeOf(person),
          h('p', { class: 'hint' }, rights[role]),
        ),
        menu(`What to do with ${person.name}`, items),
      ),
  }
}

function askToLeave(model: Model, opened: Opened, act: Act): void {
  const name = titleOf(opened.space)
  askFirst(
    {
      title: `Leave “${name}”?`,
      text: [
        h(
          'p',
          {},
          'What was written in it goes from your inbox at once. Somebody has to add you to come back.',
        ),
      ],
      act: 'Leave',
      isDangerous: true,
    },
    async () => {
      await endMembership(opened.id, model.me.id)
      act(async () => {})
    },
  )
}

function askToRemove(opened: Opened, { person }: SpaceMember, act: Act): void {
  askFirst(
    {
      title: `Remove ${person.name}?`,
      text: [
        h(
          'p',
          {},
          `${person.name} stops seeing “${titleOf(opened.space)}” at once, with all that was written in it.`,
        ),
      ],
      act: 'Remove',
      isDangerous: true,
    },
    async () => {
      await endMembership(opened.id, person.id)
      act(async () => {})
    },
  )
}
