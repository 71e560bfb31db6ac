import type { Exchange, listExchanges } from '#schema/api/exchanges.ts'
import { pageView } from '../frame/page.ts'
import { call, type ReplyOf } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { h } from '../ui/dom.ts'
import { field, form, select, typedIn } from '../ui/form.ts'
import { empty, loaded } from '../ui/loaded.ts'
import { state } from '../ui/state.ts'
import { dateTime } from '../ui/times.ts'

type Page = ReplyOf<typeof listExchanges>
type Filter = { readonly peer: string; readonly direction: string; readonly verdict: string }

/** Every request between this node and others, newest first, with what became of it. */
export function exchangesPage(_model: Model): HTMLElement {
  let filter: Filter = { peer: '', direction: '', verdict: '' }
  const rows = h('tbody', {})
  const more = h('button', { type: 'button' }, 'Show earlier')
  let next: string | null = null

  function add(page: Page): void {
    rows.append(...page.exchanges.map(rowOf))
    next = page.next
    more.hidden = next === null
  }
  more.addEventListener('click', () => void read(filter, next).then(add))

  const table = loaded(
    async () => await read(filter, null),
    (page) => {
      rows.replaceChildren()
      add(page)
      if (page.exchanges.length === 0) return [empty('Nothing of this kind was exchanged.')]
      return [tableOf(rows), h('div', { class: 'choices' }, more)]
    },
  )
  const filters: HTMLFormElement = form(
    { class: 'filters', change: () => filters.requestSubmit() },
    async (typed) => {
      filter = {
        peer: typedIn(typed, 'peer').trim().toLowerCase(),
        direction: typedIn(typed, 'direction'),
        verdict: typedIn(typed, 'verdict'),
      }
      await table.again()
    },
    ...filterFields(),
    h('button', {}, 'Refresh'),
  )
  return pageView(
    {
      title: 'Federation log',
      about: 'What went between this node and others. Never what was in it.',
      back: '#admin',
      isWide: true,
    },
    filters,
    table.element,
  )
}

function filterFields(): HTMLElement[] {
  const any = { value: '', text: 'All' }
  return [
    field('Company', { name: 'peer', type: 'search', placeholder: 'globex.example', autocapitalize: 'none' }),
    select({ label: 'Direction', name: 'direction', value: '' }, [
      any,
      { value: 'in', text: 'From them' },
      { value: 'out', text: 'To them' },
    ]),
    select({ label: 'Verdict', name: 'verdict', value: '' }, [
      any,
      { value: 'accepted', text: 'Accepted' },
      { value: 'refused', text: 'Refused' },
      { value: 'failed', text: 'Failed' },
    ]),
  ]
}

async function read(filter: Filter, before: string | null): Promise<Page> {
  const wanted = Object.entries({ ...filter, before: before ?? '' }).filter(([, value]) => value !== '')
  return await call<typeof listExchanges>({
    method: 'GET',
    url: '/api/exchanges',
    querystring: { limit: 50, ...(Object.fromEntries(wanted) as Partial<Filter>) } as never,
  })
}

function tableOf(rows: HTMLElement): HTMLElement {
  const titles = ['When', 'Company', 'Request', 'Lane', 'Verdict', 'Took']
  return h(
    'table',
    { class: 'table' },
    h('thead', {}, h('tr', {}, ...titles.map((title) => h('th', { scope: 'col' }, title)))),
    rows,
  )
}

function rowOf(exchange: Exchange): HTMLElement {
  const { at, direction, peer, method, route, lane, verdict, code, reason, durationMs, attempt } = exchange
  const why = code ?? reason
  return h(
    'tr',
    {},
    cell('When', h('time', {}, dateTime(at))),
    cell('Company', `${direction === 'in' ? '←' : '→'} ${peer ?? 'unknown'}`),
    cell('Request', h('code', {}, `${method} ${route}`)),
    cell('Lane', attempt > 1 ? `${lane}, attempt ${attempt}` : lane),
    cell('Verdict', state(verdict, moods[verdict]), why !== null && h('span', { class: 'hint' }, ` ${why}`)),
    cell('Took', `${Math.round(durationMs)} ms`),
  )
}

const moods = { accepted: 'good', refused: 'open', failed: 'bad' } as const

function cell(title: string, ...content: readonly (Node | string | false)[]): HTMLElement {
  return h('td', { 'data-title': title }, ...content)
}
