import { stripVTControlCharacters, styleText } from 'node:util'
import { NodeId } from '#schema/ids.ts'
import { type ExchangeFilter, type ExchangeRow, listExchanges } from '#server/db/exchanges.ts'
import type { Db } from '#server/db/open.ts'
import { systemClock } from '#server/ports/clock.ts'
import { openDatabase } from './database.ts'
import { Failure } from './failure.ts'
import { type Asked, databaseSettingsOf, peerName } from './place.ts'
import { tableOf } from './table.ts'

// parley log: what went between this node and others, newest last.

export type LogOptions = {
  readonly node?: string
  readonly peer?: string
  readonly limit: number
  readonly json?: true
  readonly follow?: true
}

type Print = (line: string) => void

export async function printLog(
  environment: NodeJS.ProcessEnv,
  options: LogOptions,
  print: Print,
): Promise<void> {
  const asked: Asked = { environment, node: options.node }
  const filter = options.peer === undefined ? {} : { peer: readPeer(asked, options.peer) }
  await using opened = new AsyncDisposableStack()
  const db = await openDatabase(databaseSettingsOf(asked), opened)
  const rows = (await listExchanges(db, filter, { limit: options.limit })).toReversed()
  const show = options.json ? showJson : showTable
  show(rows, print, true)
  if (options.follow) await follow(db, { filter, rows }, (news) => show(news, print, false))
}

function readPeer(asked: Asked, text: string): NodeId {
  const peer = NodeId.safeParse(peerName(asked, text))
  if (peer.success) return peer.data
  throw new Failure(2, `"${text}" is not the domain of a node.\nFor example: --peer globex.example`)
}

const pollMs = 1_000
// Rows are written a moment after the exchange they tell of.
const lateMs = 30_000
const newsMax = 1_000

async function follow(
  db: Db,
  from: { readonly filter: ExchangeFilter; readonly rows: readonly ExchangeRow[] },
  show: (rows: readonly ExchangeRow[]) => void,
): Promise<never> {
  let seen = new Set(from.rows.map(({ id }) => id))
  let latest = from.rows.at(-1)?.at ?? systemClock.now()
  for (;;) {
    await systemClock.sleep(pollMs)
    const filter = { ...from.filter, since: latest - lateMs }
    const rows = (await listExchanges(db, filter, { limit: newsMax })).toReversed()
    const news = rows.filter(({ id, at }) => !seen.has(id) && at > latest - lateMs)
    show(news)
    seen = new Set([...seen, ...rows.map(({ id }) => id)].slice(-2 * newsMax))
    latest = Math.max(latest, rows.at(-1)?.at ?? 0)
  }
}

/** One object a line, with the members of `Exchange` in `schema/api/exchanges.ts`, always all of them. */
function showJson(rows: readonly ExchangeRow[], print: Print): void {
  for (const row of rows) {
    const { id, at, direction, peer, method, route, lane, spaceId, status, verdict, code, reason, ...rest } =
      row
    const { detail, durationMs, bytesIn, bytesOut, kid, clockDeltaMs, attempt, pauseMs, instance } = rest
    const what = {
      id,
      at,
      direction,
      peer,
      method,
      route,
      lane,
      spaceId,
      status,
      verdict,
      code,
      reason,
      detail,
    }
    print(
      JSON.stringify({
        ...what,
        durationMs,
        bytesIn,
        bytesOut,
        kid,
        clockDeltaMs,
        attempt,
        pauseMs,
        instance,
      }),
    )
  }
}

const columns = [
  { title: 'TIME (UTC)', width: 23 },
  { title: 'DIR', width: 3 },
  { title: 'PEER', width: 16 },
  { title: 'ROUTE', width: 36 },
  { title: 'STATUS', width: 6, isNumber: true },
  { title: 'VERDICT', width: 8 },
  { title: 'REASON', width: 20 },
  { title: 'MS', width: 7, isNumber: true },
  { title: 'IN', width: 7, isNumber: true },
  { title: 'OUT', width: 7, isNumber: true },
] as const

function showTable(rows: readonly ExchangeRow[], print: Print, isFirst: boolean): void {
  if (isFirst && rows.length === 0) print('No exchanges yet.')
  printRows(rows, print, isFirst && rows.length > 0)
}

/** Exchanges in columns, as wherever they are shown. */
export function exchangeTable(rows: readonly ExchangeRow[], print: Print): void {
  printRows(rows, print, true)
}

function printRows(rows: readonly ExchangeRow[], print: Print, hasHead: boolean): void {
  const table = tableOf(columns, rows.map(cellsOf))
  if (hasHead) print(styleText('bold', table.head))
  for (const [i, line] of table.lines.entries()) print(coloured(line, rows[i]!.verdict))
}

function cellsOf(row: ExchangeRow): string[] {
  const { at, direction, peer, method, route, status, verdict, code, reason, durationMs } = row
  const why = [reason, code === reason ? null : code].filter((word) => word !== null).join(': ')
  return [
    new Date(at).toISOString().replace('T', ' ').slice(0, -1),
    direction,
    peer ?? '-',
    `${method} ${route}`,
    status === null ? '-' : String(status),
    verdict,
    why === '' ? '-' : why,
    durationMs.toFixed(1),
    String(row.bytesIn),
    String(row.bytesOut),
    // A peer that is not verified is whatever somebody wrote.
  ].map((cell) => stripVTControlCharacters(cell).replaceAll(/\p{Cc}/gu, '?'))
}

function coloured(line: string, verdict: ExchangeRow['verdict']): string {
  if (verdict === 'accepted') return line
  return styleText(verdict === 'refused' ? 'yellow' : 'red', line)
}
