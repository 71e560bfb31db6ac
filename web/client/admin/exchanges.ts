import type { Exchange, listExchanges } from '#schema/api/exchanges.ts'
import { pageView } from '../frame/page.ts'
import { call, type ReplyOf, type RequestOf } from '../model/api.ts'
import { h } from '../ui/dom.ts'
import { field, select } from '../ui/form.ts'
import { type Mood, state } from '../ui/state.ts'
import { dateTime } from '../ui/times.ts'
import { cell, pagedTable, tableOf } from './table.ts'
import { whyLink } from './why-link.ts'

type Page = ReplyOf<typeof listExchanges>

/** Every request between this node and others, newest first, with what became of it. */
export function exchangesPage(): HTMLElement {
  return pageView(
    {
      title: 'Federation log',
      about: 'What went between this node and others. Never what was in it.',
      back: '#admin',
      isWide: true,
    },
    ...pagedTable({
      titles,
      nothing: 'Nothing of this kind was exchanged.',
      filters: filterFields(),
      read: async (filter) => {
        const { exchanges, next } = await read(filter)
        return { rows: exchanges.map(rowOf), next }
      },
    }),
  )
}

const titles = ['When', 'Company', 'Request', 'Lane', 'Verdict', 'Took']

/** A few of them, as wherever they are shown. */
export function exchangeTable(exchanges: readonly Exchange[]): HTMLElement {
  return tableOf(titles, h('tbody', {}, ...exchanges.map(rowOf)))
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

async function read(filter: Readonly<Record<string, string>>): Promise<Page> {
  const querystring = { ...filter, limit: 50 } as RequestOf<typeof listExchanges>['querystring']
  return await call<typeof listExchanges>({ method: 'GET', url: '/api/exchanges', querystring })
}

const verdicts: Readonly<Record<Exchange['verdict'], readonly [string, Mood]>> = {
  accepted: ['Accepted', 'good'],
  refused: ['Refused', 'open'],
  failed: ['Failed', 'bad'],
}

function rowOf(exchange: Exchange): HTMLElement {
  const { id, at, direction, peer, method, route, lane, verdict, code, reason, durationMs, attempt } =
    exchange
  const why = code ?? reason
  return h(
    'tr',
    {},
    cell('When', h('time', {}, dateTime(at))),
    cell('Company', `${direction === 'in' ? '← from' : '→ to'} ${peer ?? 'somebody'}`),
    cell('Request', h('code', {}, `${method} ${route}`)),
    cell('Lane', attempt > 1 ? `${lane}, attempt ${attempt}` : lane),
    cell(
      'Verdict',
      state(...verdicts[verdict]),
      why !== null && h('span', { class: 'hint' }, ` ${why} `),
      why !== null && whyLink(id),
    ),
    cell('Took', `${Math.round(durationMs)} ms`),
  )
}
