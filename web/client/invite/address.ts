import type { SpaceId } from '#schema/ids.ts'
import type { Model, Opened } from '../model/model.ts'
import { addressGroup, refreshOpened, refreshSpaces } from '../model/spaces.ts'
import { companies } from '../people/badge.ts'
import { titleOf } from '../space/words.ts'
import { openDialog } from '../ui/dialog.ts'
import { h } from '../ui/dom.ts'
import { form, select, typedIn } from '../ui/form.ts'

/** The dialog that addresses a thread to one more group. */
export function showAddressing(model: Model, opened: Opened): void {
  const there = new Set(opened.space.groups.map(({ id }) => id))
  const groups = model.spaces.filter(
    ({ id, kind, host }) => kind === 'group' && host === opened.space.host && !there.has(id),
  )
  openDialog('Add a group', (close) => {
    const [first] = groups
    if (!first) return [h('p', {}, 'There is no other group that you could add.')]
    return [
      form(
        {},
        async (typed) => {
          await addressGroup(opened.id, typedIn(typed, 'group') as SpaceId)
          await Promise.all([refreshSpaces(model), refreshOpened(model)])
          close()
        },
        select(
          {
            label: 'Group',
            name: 'group',
            value: first.id,
            hint: 'Everybody in the group reads this thread, also those who join later.',
          },
          groups.map((group) => ({
            value: group.id,
            text: `${titleOf(group)} (${companies(model, group.nodes)})`,
          })),
        ),
        h(
          'div',
          { class: 'choices' },
          h('button', { type: 'button', click: close }, 'Cancel'),
          h('button', { class: 'main' }, 'Add'),
        ),
      ),
    ]
  })
}
