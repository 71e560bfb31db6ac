import type { SpaceId } from '#schema/ids.ts'
import { field, form, h, typedIn } from './dom.ts'
import type { Model } from './model.ts'
import { companies } from './people.ts'
import { beginSpace, inviteExternal } from './spaces.ts'
import { titleOf } from './words.ts'

// The dialog that begins a thread or a group.

export function showBeginning(model: Model): void {
  const groups = model.spaces.filter(({ kind, host }) => kind === 'group' && host === model.me.node)
  const addressed = h(
    'fieldset',
    { class: 'groups', hidden: groups.length === 0 },
    h('legend', {}, 'To these groups'),
    ...groups.map((group) =>
      h(
        'label',
        {},
        h('input', { type: 'checkbox', name: 'group', value: group.id }),
        ` ${titleOf(group)} `,
        h('span', { class: 'hint' }, companies(model, group.nodes)),
      ),
    ),
  )
  const page = form(
    {},
    async (typed) => {
      await begin(model, typed)
      dialog.close()
    },
    h('h2', {}, 'Start something'),
    h(
      'fieldset',
      { class: 'kinds' },
      h('legend', {}, 'What'),
      ...kindChoices(groups.length > 0 ? addressed : undefined),
    ),
    field('Title', { name: 'title', required: true, maxlength: 200, autocomplete: 'off' }),
    field(
      'With',
      { name: 'people', autocomplete: 'off', autocapitalize: 'none' },
      'Handles of colleagues, or @name:company.example, separated by commas. Other companies are asked first.',
    ),
    addressed,
    h(
      'div',
      { class: 'choices' },
      h('button', { class: 'main' }, 'Start'),
      h('button', { type: 'button', click: () => dialog.close() }, 'Cancel'),
    ),
  )
  const dialog = h('dialog', { class: 'card', 'aria-label': 'Start something' }, page)
  dialog.addEventListener('close', () => dialog.remove())
  document.body.append(dialog)
  dialog.showModal()
  page.querySelector<HTMLInputElement>('input[name=title]')?.focus()
}

function kindChoices(addressed: HTMLElement | undefined): HTMLElement[] {
  const choices = [
    { value: 'thread', text: 'Thread', hint: 'one subject' },
    { value: 'group', text: 'Group', hint: 'people who keep talking' },
  ]
  return choices.map(({ value, text, hint }, i) =>
    h(
      'label',
      {},
      h('input', {
        type: 'radio',
        name: 'kind',
        value,
        checked: i === 0,
        change: () => addressed && (addressed.hidden = value === 'group'),
      }),
      ` ${text} `,
      h('span', { class: 'hint' }, hint),
    ),
  )
}

async function begin(model: Model, typed: FormData): Promise<void> {
  const kind = typedIn(typed, 'kind') === 'group' ? 'group' : 'thread'
  const named = typedIn(typed, 'people')
    .split(/[\s,]+/)
    .map((word) => word.toLowerCase())
    .filter((word) => word !== '')
  const isAddress = (word: string): boolean => word.includes(':')
  const people = named.filter((word) => !isAddress(word)).map((word) => word.replace(/^@/, ''))
  const groups = kind === 'group' ? [] : (typed.getAll('group') as SpaceId[])
  const space = await beginSpace(model, { kind, title: typedIn(typed, 'title').trim(), people, groups })
  location.hash = `#${space.id}`
  const failures: string[] = []
  for (const address of named.filter(isAddress)) {
    await inviteExternal(space.id, address).catch((error: Error) =>
      failures.push(`${address}: ${error.message}`),
    )
  }
  if (failures.length > 0)
    throw new Error(`It was started, but not everybody is invited. ${failures.join(' ')}`)
}
