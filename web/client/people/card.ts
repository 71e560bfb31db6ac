import type { Person } from '#schema/person.ts'
import type { Model } from '../model/model.ts'
import { openDialog } from '../ui/dialog.ts'
import { h } from '../ui/dom.ts'
import { face } from '../ui/face.ts'
import { badgeOf } from './badge.ts'

/** Who somebody is, as far as their company lets us see. */
export function showCard(model: Model, person: Person): void {
  openDialog(person.name, () => [
    h(
      'div',
      { class: 'card-head' },
      face(person.name, person.id),
      h(
        'div',
        {},
        h('p', { class: 'hint' }, person.node === model.me.node ? 'Your colleague' : person.node),
        badgeOf(person),
      ),
    ),
  ])
}
