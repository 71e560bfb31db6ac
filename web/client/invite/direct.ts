import type { beginDm } from '#schema/api/dms.ts'
import { call, newKey, type RequestOf } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { refreshSpaces } from '../model/spaces.ts'
import { peoplePicker } from '../people/picker.ts'
import type { Picked } from '../people/suggest.ts'
import { openDialog } from '../ui/dialog.ts'
import { h } from '../ui/dom.ts'
import { form } from '../ui/form.ts'
import { companiesCheck, inviteesOf } from './companies.ts'

/** The dialog that begins a direct conversation, or finds the one that these people have. */
export function showDirect(model: Model, first?: Picked): void {
  openDialog('Write directly', (close) => {
    const companies = companiesCheck({ isDirect: true })
    const picker = peoplePicker({
      label: 'To',
      hint: 'Up to seven people. Who takes part stays as it is: others cannot be added later.',
      isThere: (key) => key === model.me.id,
      changed: () => void companies.look({ people: picker.picked() }).catch(() => {}),
    })
    if (first) picker.add(first)
    return [
      form(
        {},
        async () => {
          const people = await picker.settle()
          if (people.length === 0) throw new Error('Choose somebody first.')
          await companies.look({ people })
          const space = await call<typeof beginDm>({
            method: 'POST',
            url: '/api/dms',
            key: newKey(),
            body: { people: people.flatMap(placeOf), companies: companies.agreed() },
          })
          await refreshSpaces(model)
          close()
          location.hash = `#${space.id}`
        },
        picker.element,
        companies.element,
        h(
          'div',
          { class: 'choices' },
          h('button', { type: 'button', click: close }, 'Cancel'),
          h('button', { class: 'main' }, 'Begin'),
        ),
      ),
    ]
  })
}

type Place = RequestOf<typeof beginDm>['body']['people'][number]

function placeOf(one: Picked): Place[] {
  return one.by === 'handle' ? [{ handle: one.handle }] : inviteesOf(one)
}
