import type { SpaceId } from '#schema/ids.ts'
import type { SpaceSummary } from '#schema/space.ts'
import { openDialog } from '../ui/dialog.ts'
import { h } from '../ui/dom.ts'
import { choices, field, form, tick, typedIn } from '../ui/form.ts'
import type { Model } from '../model/model.ts'
import { companies } from '../people/badge.ts'
import { beginSpace, inviteExternal } from '../model/spaces.ts'
import { titleOf } from '../space/words.ts'

// The dialog that begins a thread or a group.

export function showBeginning(model: Model): void {
  const groups = model.spaces.filter(({ kind, host }) => kind === 'group' && host === model.me.node)
  const addressed = groupChoices(model, groups)
  const kinds = choices({ label: 'What', name: 'kind', value: 'thread' }, [
    { value: 'thread', text: 'Thread', hint: 'About one subject.' },
    { value: 'group', text: 'Group', hint: 'People who keep talking; threads can address it.' },
  ])
  openDialog('Start something', (close) => {
    const page: HTMLFormElement = form(
      {
        change: () =>
          (addressed.hidden = groups.length === 0 || typedIn(new FormData(page), 'kind') === 'group'),
      },
      async (typed) => {
        await begin(model, typed)
        close()
      },
      kinds,
      field('Title', { name: 'title', required: true, maxlength: 200, autocomplete: 'off', autofocus: true }),
      field(
        'With',
        { name: 'people', autocomplete: 'off', autocapitalize: 'none' },
        'Handles of colleagues, or @name:company.example, separated by commas. Other companies are asked first.',
      ),
      addressed,
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

function groupChoices(model: Model, groups: readonly SpaceSummary[]): HTMLElement {
  return h(
    'fieldset',
    { class: 'options', hidden: groups.length === 0 },
    h('legend', {}, 'To these groups'),
    ...groups.map((group) =>
      tick(titleOf(group), { name: 'group', value: group.id }, companies(model, group.nodes)),
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
