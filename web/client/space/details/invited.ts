import type { Space } from '#schema/space.ts'
import type { Model, Opened } from '../../model/model.ts'
import { badge } from '../../people/badge.ts'
import { h, type Item } from '../../ui/dom.ts'
import { face } from '../../ui/face.ts'
import { fromNow } from '../../ui/times.ts'
import { listPart, type Part } from './part.ts'

/** Invitations to the open space that nobody has answered yet. */
export function invitedPart(model: Model, opened: Opened): Part {
  return listPart('Invited', () =>
    opened.space.invitations.map((invitation) => invitedItem(model, invitation)),
  )
}

function invitedItem(model: Model, { id, invitee, node, expiresAt }: Space['invitations'][number]): Item {
  const until = `No answer yet · ends ${fromNow(expiresAt)}`
  return {
    key: id,
    look: until,
    build: () =>
      h(
        'li',
        { class: 'row' },
        face(invitee, id),
        h(
          'div',
          { class: 'row-text' },
          h('span', { class: 'name' }, invitee),
          ' ',
          node !== null && node !== model.me.node && badge(node),
          h('p', { class: 'hint' }, until),
        ),
      ),
  }
}
