import type { addGroup } from '#schema/api/spaces.ts'
import { call, newKey } from '../model/api.ts'
import type { Model, Opened } from '../model/model.ts'
import { refreshOpened, refreshSpaces } from '../model/spaces.ts'
import { companies as companyWords } from '../people/badge.ts'
import { titleOf } from '../space/words.ts'
import { openDialog } from '../ui/dialog.ts'
import { h } from '../ui/dom.ts'
import { form, select, typedIn } from '../ui/form.ts'
import { companiesCheck } from './companies.ts'
import { windowChoice, windowIn } from './window.ts'

/** The dialog that addresses a thread to one more group. */
export function showAddressing(model: Model, opened: Opened): void {
  const there = new Set(opened.space.groups.map(({ id }) => id))
  const groups = model.spaces.filter(
    ({ id, kind, host }) => kind === 'group' && host === opened.space.host && !there.has(id),
  )
  openDialog('Add a group', (close) => {
    const [first] = groups
    if (!first) return [h('p', {}, 'There is no other group that you could add.')]
    const companies = companiesCheck()
    const look = (group: string): void =>
      void companies
        .look({ space: opened.id, groups: groups.filter(({ id }) => id === group) })
        .catch(() => {})
    const chosen = select(
      {
        label: 'Group',
        name: 'group',
        value: first.id,
        hint: 'Everybody in the group reads this thread, also those who join later.',
      },
      groups.map((group) => ({
        value: group.id,
        text: `${titleOf(group)} (${companyWords(model, group.nodes)})`,
      })),
    )
    look(first.id)
    return [
      form(
        { change: () => look(chosen.querySelector('select')?.value ?? first.id) },
        async (typed) => {
          await call<typeof addGroup>({
            method: 'POST',
            url: '/api/spaces/:spaceId/groups',
            params: { spaceId: opened.id },
            key: newKey(),
            body: {
              groupId: typedIn(typed, 'group'),
              history: windowIn(typed),
              companies: companies.agreed(),
            },
          })
          await Promise.all([refreshSpaces(model), refreshOpened(model)])
          close()
        },
        chosen,
        companies.element,
        windowChoice(opened.space.kind),
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
