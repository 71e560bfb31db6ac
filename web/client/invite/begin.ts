import type { createSpace } from '#schema/api/spaces.ts'
import type { SpaceId } from '#schema/ids.ts'
import type { Space, SpaceSummary } from '#schema/space.ts'
import { call, newKey } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { refreshSpaces } from '../model/spaces.ts'
import { companies as companyWords } from '../people/badge.ts'
import { peoplePicker } from '../people/picker.ts'
import { type Picked } from '../people/suggest.ts'
import { titleOf } from '../space/words.ts'
import { openDialog } from '../ui/dialog.ts'
import { h } from '../ui/dom.ts'
import { choices, field, form, tick, typedIn } from '../ui/form.ts'
import { companiesCheck } from './companies.ts'
import { bringAll, outcomeOf, type Terms } from './send.ts'

// The dialog that begins a thread or a group.

export function showBeginning(model: Model): void {
  // A guest starts threads in the groups they are in, and nothing else.
  const isGuest = model.me.role === 'guest'
  const groups = model.spaces.filter(({ kind, access }) => kind === 'group' && access === 'open')
  const addressed = groupChoices(model, groups)
  openDialog(isGuest ? 'Start a thread' : 'Start something', (close) => {
    const companies = companiesCheck()
    const groupsIn = (): SpaceSummary[] => {
      const chosen = isGroup(page) ? [] : new FormData(page).getAll('group')
      return groups.filter(({ id }) => chosen.includes(id))
    }
    const look = (): void =>
      void companies.look({ groups: groupsIn(), people: picker.picked() }).catch(() => {})
    const picker = peoplePicker({
      label: 'With',
      hint: 'Colleagues are in it at once. Others are asked first: a contact, an address like @bob:globex.example, or an e-mail address.',
      isThere: (key) => key === model.me.id,
      changed: look,
      isFirst: false,
    })
    const outcome = h('div', { class: 'outcome', role: 'status' })
    const page: HTMLFormElement = form(
      {
        change: () => {
          addressed.hidden = groups.length === 0 || isGroup(page)
          look()
        },
      },
      async (typed) => {
        if (isGuest && groupsIn().length === 0) throw new Error('Choose a group first.')
        const people = await picker.settle()
        const host = groupsIn()[0]?.host ?? model.me.node
        if (host !== model.me.node && people.length > 0)
          throw new Error(`${host} hosts that group, and the thread with it. Start it first, then invite.`)
        await companies.look({ groups: groupsIn(), people })
        const terms: Terms = { role: 'poster', history: 'all', companies: companies.agreed() }
        const addressees = groupsIn().map(({ id }) => id)
        const space = await begin(model, typed, { groups: addressees, people, companies: terms.companies })
        const others = people.filter(({ by }) => by !== 'handle')
        const { brought, failures } = await bringAll(model, space, others, terms)
        location.hash = `#${space.id}`
        const links = brought.filter(({ link }) => link !== null)
        if (links.length + failures.length === 0) return close()
        page.replaceChildren(
          h('p', {}, 'It was started.'),
          ...links.map(outcomeOf),
          ...failures.map((failure) => h('p', { class: 'problem', role: 'alert' }, failure)),
          h(
            'div',
            { class: 'choices' },
            h('button', { type: 'button', class: 'main', click: close }, 'Close'),
          ),
        )
      },
      !isGuest && kindChoices(),
      field('Title', { name: 'title', required: true, maxlength: 200, autocomplete: 'off', autofocus: true }),
      addressed,
      !isGuest && picker.element,
      companies.element,
      outcome,
      h(
        'div',
        { class: 'choices' },
        h('button', { type: 'button', click: close }, 'Cancel'),
        h('button', { class: 'main' }, 'Start'),
      ),
    )
    return [page]
  })
}

function isGroup(page: HTMLFormElement): boolean {
  return typedIn(new FormData(page), 'kind') === 'group'
}

function kindChoices(): HTMLElement {
  return choices({ label: 'What', name: 'kind', value: 'thread' }, [
    { value: 'thread', text: 'Thread', hint: 'About one subject.' },
    { value: 'group', text: 'Group', hint: 'People who keep talking; threads can address it.' },
  ])
}

function groupChoices(model: Model, groups: readonly SpaceSummary[]): HTMLElement {
  return h(
    'fieldset',
    { class: 'options', hidden: groups.length === 0 },
    h('legend', {}, 'To these groups'),
    ...groups.map((group) =>
      tick(titleOf(group), { name: 'group', value: group.id }, companyWords(model, group.nodes)),
    ),
  )
}

type Beginning = {
  readonly groups: readonly SpaceId[]
  readonly people: readonly Picked[]
  readonly companies: Terms['companies']
}

async function begin(
  model: Model,
  typed: FormData,
  { groups, people, companies }: Beginning,
): Promise<Space> {
  const space = await call<typeof createSpace>({
    method: 'POST',
    url: '/api/spaces',
    key: newKey(),
    body: {
      kind: typedIn(typed, 'kind') === 'group' ? 'group' : 'thread',
      title: typedIn(typed, 'title').trim(),
      people: people.flatMap((one) => (one.by === 'handle' ? [one.handle] : [])),
      groups: [...groups],
      companies: [...companies],
    },
  })
  await refreshSpaces(model)
  return space
}
