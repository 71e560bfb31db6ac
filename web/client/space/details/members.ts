import type { endMembership as endElsewhere } from '#schema/api/removals.ts'
import type { SpaceMember } from '#schema/space.ts'
import { showInviting } from '../../invite/dialog.ts'
import { call } from '../../model/api.ts'
import type { Model, Opened } from '../../model/model.ts'
import { endMembership } from '../../model/spaces.ts'
import { isAdmin as isWorkspaceAdmin } from '../../model/watch.ts'
import { badgesOf } from '../../people/badge.ts'
import { showCard } from '../../people/card.ts'
import { askFirst } from '../../ui/dialog.ts'
import { h, type Item } from '../../ui/dom.ts'
import { face } from '../../ui/face.ts'
import { icon } from '../../ui/icons.ts'
import { menu, type MenuItem } from '../../ui/menu.ts'
import { titleOf } from '../words.ts'
import { type Act, listPart, type Part, rightsIn } from './part.ts'
import { showRemoving } from './remove.ts'

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
      add.hidden = !rightsIn(model, opened).mayInvite || opened.space.kind === 'dm'
      part.update()
    },
  }
}

function memberItem(model: Model, opened: Opened, member: SpaceMember, act: Act): Item {
  const { person, role, history } = member
  const isMe = person.id === model.me.id
  const { isAdmin, isOurs } = rightsIn(model, opened)
  const mayRemove = !isMe && isOurs && isAdmin && opened.space.kind !== 'dm'
  const items: MenuItem[] = [{ text: 'Profile', act: () => showCard(model, person) }]
  if (isMe) items.push({ text: 'Leave…', act: () => askToLeave(model, opened, act), isDangerous: true })
  const mayEnd = !isMe && !isOurs && isWorkspaceAdmin(model) && person.node === model.me.node
  if (mayEnd)
    items.push({ text: 'End the membership…', act: () => askToEnd(opened, member, act), isDangerous: true })
  if (mayRemove)
    items.push({ text: 'Remove…', act: () => askToRemove(opened, member, act), isDangerous: true })
  const facts = [rights[role], history === 'all' ? '' : 'not the whole past'].filter((fact) => fact !== '')
  return {
    key: person.id,
    look: JSON.stringify([member, mayRemove, mayEnd]),
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
          ...badgesOf(person),
          h('p', { class: 'hint' }, facts.join(' · ')),
        ),
        menu(`What to do with ${person.name}`, items),
      ),
  }
}

function askToLeave(model: Model, opened: Opened, act: Act): void {
  const text = 'What was written in it goes from your inbox at once. Somebody has to add you to come back.'
  askFirst(
    {
      title: `Leave “${titleOf(opened.space)}”?`,
      text: [h('p', {}, text)],
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
  showRemoving(opened, {
    title: `Remove ${person.name} from “${titleOf(opened.space)}”?`,
    act: 'Remove',
    subject: { userId: person.id },
    remove: async () => {
      await endMembership(opened.id, person.id)
      act(async () => {})
    },
  })
}

/** Either side may end a membership: here, the administrator of somebody's own company. */
function askToEnd(opened: Opened, { person }: SpaceMember, act: Act): void {
  askFirst(
    {
      title: `End the membership of ${person.name}?`,
      text: [
        h(
          'p',
          {},
          `${person.name} loses “${titleOf(opened.space)}” at once. ${opened.space.host}, which hosts it, is told.`,
        ),
      ],
      act: 'End it',
      isDangerous: true,
    },
    async () => {
      await call<typeof endElsewhere>({
        method: 'DELETE',
        url: '/api/people/:userId/spaces/:spaceId',
        params: { userId: person.id, spaceId: opened.id },
      })
      act(async () => {})
    },
  )
}
