import type { listRemovalRecords } from '#schema/api/removals.ts'
import type { RemovalRecord } from '#schema/removal.ts'
import { pageView } from '../frame/page.ts'
import { call, type ReplyOf } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { h } from '../ui/dom.ts'
import { empty, loaded } from '../ui/loaded.ts'
import { state } from '../ui/state.ts'
import { dateTime } from '../ui/times.ts'
import { holdsSection } from './holds.ts'
import { cell } from './table.ts'

type Page = ReplyOf<typeof listRemovalRecords>

/** Every removal across companies, with the signed orders and receipts that prove it. */
export function removalsPage(model: Model): HTMLElement {
  const list = loaded(readAll, (records) =>
    records.length === 0
      ? [empty('Nobody of another company was removed yet.')]
      : [
          h(
            'div',
            { class: 'choices' },
            h('button', { type: 'button', click: () => download(records) }, 'Export as JSON Lines'),
          ),
          tableOf(records.toReversed()),
        ],
  )
  return pageView(
    {
      title: 'Removals',
      about: 'Who lost access across companies, and what the other side has signed.',
      back: '#admin',
      isWide: true,
    },
    list.element,
    holdsSection(model),
  )
}

async function readAll(): Promise<RemovalRecord[]> {
  const records: RemovalRecord[] = []
  let after: string | null = null
  do {
    const page: Page = await call<typeof listRemovalRecords>({
      method: 'GET',
      url: '/api/removals',
      querystring: { limit: 200, ...(after === null ? {} : { after }) },
    })
    records.push(...page.removals)
    after = page.next
  } while (after !== null)
  return records
}

function tableOf(records: readonly RemovalRecord[]): HTMLElement {
  const titles = ['When', 'Company', 'Who', 'Asked for', 'Confirmed']
  return h(
    'table',
    { class: 'table' },
    h('thead', {}, h('tr', {}, ...titles.map((title) => h('th', { scope: 'col' }, title)))),
    h('tbody', {}, ...records.map(rowOf)),
  )
}

function rowOf({ at, node, host, subject, action, receipt, purge }: RemovalRecord): HTMLElement {
  return h(
    'tr',
    {},
    cell('When', h('time', {}, dateTime(at))),
    cell('Company', h('span', {}, node, h('span', { class: 'hint' }, ` in what ${host} hosts`))),
    cell('Who', subject === '*' ? 'the whole company' : h('code', {}, subject)),
    cell('Asked for', action === 'purge' ? 'end of access, and deletion' : 'end of access'),
    cell('Confirmed', confirmation(action, receipt, purge)),
  )
}

function confirmation(
  action: RemovalRecord['action'],
  receipt: string | null,
  purge: string | null,
): HTMLElement {
  if (receipt === null) return state('Not yet', 'open')
  if (action === 'deny') return state('End of access', 'good')
  return purge === null ? state('End of access, deletion not yet', 'open') : state('Deleted', 'good')
}

/** One record a line, with the signatures, for whoever wants to check them without us. */
function download(records: readonly RemovalRecord[]): void {
  const lines = records.map((record) => `${JSON.stringify(record)}\n`)
  const url = URL.createObjectURL(new Blob(lines, { type: 'application/jsonl' }))
  const link = h('a', { href: url, download: 'removals.jsonl' })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
