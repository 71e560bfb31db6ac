import type {
  deletePeerRule,
  listPeerRules,
  PeerRule,
  previewPeerRule,
  putPeerRule,
} from '#schema/api/peer-rules.ts'
import type { z } from 'zod'
import { section } from '../frame/page.ts'
import { call } from '../model/api.ts'
import { openDialog } from '../ui/dialog.ts'
import { type Child, h } from '../ui/dom.ts'
import { choices, field, form, typedIn } from '../ui/form.ts'
import { empty, loaded } from '../ui/loaded.ts'
import { menu } from '../ui/menu.ts'
import { listed } from '../space/words.ts'
import { state } from '../ui/state.ts'

type Rule = z.output<typeof PeerRule>

/** The companies that are welcome or unwelcome before they have ever asked. */
export function rulesSection(): HTMLElement {
  const list = loaded(
    async () => await call<typeof listPeerRules>({ method: 'GET', url: '/api/peer-rules' }),
    ({ rules }, again) => [
      rules.length === 0
        ? empty('No company is named in advance.')
        : h('ul', { class: 'list' }, ...rules.map((rule) => ruleItem(rule, again))),
      h(
        'div',
        { class: 'choices' },
        h('button', { type: 'button', click: () => showAdding(again) }, 'Name a company…'),
      ),
    ],
  )
  return section(
    'Welcome and unwelcome',
    h('p', { class: 'hint' }, 'Who may introduce themselves, and who is refused whatever they ask.'),
    list.element,
  )
}

function ruleItem({ pattern, list }: Rule, again: () => Promise<void>): HTMLElement {
  const remove = async (): Promise<void> => {
    await call<typeof deletePeerRule>({
      method: 'DELETE',
      url: '/api/peer-rules/:pattern',
      params: { pattern },
    })
    await again()
  }
  return h(
    'li',
    { class: 'row' },
    h(
      'div',
      { class: 'row-text' },
      h('span', { class: 'name' }, pattern),
      ' ',
      list === 'allow' ? state('Welcome', 'good') : state('Unwelcome', 'bad'),
    ),
    menu(`What to do with ${pattern}`, [
      { text: 'Take off the list', act: () => void remove().catch(async () => await again()) },
    ]),
  )
}

/** In two steps: what the entry means is shown before it holds. */
function showAdding(again: () => Promise<void>): void {
  openDialog('Name a company', (close) => {
    let shown: string | undefined
    const meaning = h('div', { role: 'status' })
    const button = h('button', { class: 'main' }, 'Show what it means')
    const rest = (): void => {
      shown = undefined
      meaning.replaceChildren()
      button.textContent = 'Show what it means'
    }
    return [
      form(
        {},
        async (typed) => {
          const pattern = typedIn(typed, 'pattern').trim()
          if (shown !== pattern) {
            const preview = await call<typeof previewPeerRule>({
              method: 'POST',
              url: '/api/peer-rules/preview',
              body: { pattern },
            })
            shown = pattern
            meaning.replaceChildren(...(meaningOf(preview) as Node[]))
            button.textContent = 'Put it on the list'
            return
          }
          const list = typedIn(typed, 'list') === 'block' ? 'block' : 'allow'
          await call<typeof putPeerRule>({ method: 'PUT', url: '/api/peer-rules', body: { pattern, list } })
          close()
          await again()
        },
        field(
          'Domain',
          {
            name: 'pattern',
            required: true,
            autofocus: true,
            autocapitalize: 'none',
            autocomplete: 'off',
            input: rest,
          },
          'One company, globex.example; or *.globex.example for everything below it.',
        ),
        choices({ label: 'It is', name: 'list', value: 'allow' }, [
          { value: 'allow', text: 'Welcome', hint: 'May become a partner where only named companies may.' },
          { value: 'block', text: 'Unwelcome', hint: 'Whatever it asks is refused.' },
        ]),
        meaning,
        h('div', { class: 'choices' }, h('button', { type: 'button', click: close }, 'Cancel'), button),
      ),
    ]
  })
}

function meaningOf({
  pattern,
  matches,
  lookalikes,
}: {
  readonly pattern: string
  readonly matches: readonly string[]
  readonly lookalikes: readonly string[]
}): Child[] {
  const known =
    matches.length === 0 ? 'No company that you know yet.' : `Of those you know: ${listed(matches)}.`
  return [
    h('p', {}, h('code', {}, pattern), ` ${known}`),
    ...(lookalikes.length === 0
      ? []
      : [h('p', { class: 'warning' }, `It does not mean ${listed(lookalikes)}, which looks like it.`)]),
  ]
}
