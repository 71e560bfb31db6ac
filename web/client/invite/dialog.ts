import type { Model, Opened } from '../model/model.ts'
import { refreshOpened, refreshSpaces } from '../model/spaces.ts'
import { peoplePicker } from '../people/picker.ts'
import { keyOf } from '../people/suggest.ts'
import { titleOf } from '../space/words.ts'
import { openDialog } from '../ui/dialog.ts'
import { announce, h, replace } from '../ui/dom.ts'
import { form, select, typedIn } from '../ui/form.ts'
import { companiesCheck } from './companies.ts'
import { bringAll, outcomeOf, type Terms } from './send.ts'
import { windowChoice, windowIn } from './window.ts'

/** The dialog that brings people into the open space: colleagues at once, others by invitation. */
export function showInviting(model: Model, opened: Opened): void {
  const { space } = opened
  openDialog(`Add people to “${titleOf(space)}”`, (close) => {
    const there = new Set<string>(space.members.map(({ person }) => person.id))
    const companies = companiesCheck()
    const outcome = h('div', { class: 'outcome', role: 'status' })
    const picker = peoplePicker({
      label: 'Who',
      hint: 'A name of a colleague or contact, an address like @bob:globex.example, or an e-mail address.',
      isThere: (key) => there.has(key),
      changed: () => void companies.look({ space: space.id, people: picker.picked() }).catch(() => {}),
    })
    const done = h('button', { type: 'button', click: close }, 'Cancel')
    return [
      form(
        {},
        async (typed) => {
          const people = await picker.settle()
          if (people.length === 0) throw new Error('Choose somebody first.')
          await companies.look({ space: space.id, people })
          const terms = termsIn(typed, companies.agreed())
          const { brought, failures } = await bringAll(model, space, people, terms)
          picker.remove(brought.map(({ one }) => keyOf(one)))
          replace(outcome, ...brought.map(outcomeOf))
          done.textContent = 'Close'
          await Promise.all([refreshSpaces(model), refreshOpened(model)])
          if (failures.length > 0) throw new Error(failures.join(' '))
          announce('They are invited.')
          if (brought.every(({ link }) => link === null)) close()
        },
        picker.element,
        companies.element,
        select({ label: 'What they may do', name: 'role', value: 'poster' }, [
          { value: 'reader', text: 'Read' },
          { value: 'poster', text: 'Read and write' },
          { value: 'member', text: 'Read, write and invite' },
        ]),
        windowChoice(space.kind),
        outcome,
        h('div', { class: 'choices' }, done, h('button', { class: 'main' }, 'Add')),
      ),
    ]
  })
}

function termsIn(typed: FormData, companies: Terms['companies']): Terms {
  const role = typedIn(typed, 'role')
  return {
    role: role === 'reader' || role === 'member' ? role : 'poster',
    history: windowIn(typed),
    companies,
  }
}
