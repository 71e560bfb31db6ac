import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { deleteExchanges, type ExchangeRow, insertExchanges } from '#server/db/exchanges.ts'
import { alone } from '#server/db/open.ts'
import { perNode } from '../per-node.ts'

// The recorder of the federation log. Requests do not wait for it: rows queue, and what has queued while the last
// write was under way is the next write. Never contents; what a peer wrote is shortened and stripped first.

type Recorder = { queue: ExchangeRow[]; writing: Promise<void> | undefined; dropped: number }

const recorderOf = perNode((): Recorder => ({ queue: [], writing: undefined, dropped: 0 }))

const rowsAtOnceMax = 500
const queuedMax = 10_000

export function recordExchange(context: Context, row: ExchangeRow): void {
  const recorder = recorderOf(context)
  // The database is away for long: the newest rows say more about it than the oldest.
  if (recorder.queue.length >= queuedMax) {
    recorder.queue.shift()
    recorder.dropped++
  }
  recorder.queue.push(clean(row))
  recorder.writing ??= write(context, recorder)
}

/** Resolves when all that was recorded is written, or cannot be. Called before the database is closed. */
export async function flushExchanges(context: Context): Promise<void> {
  const recorder = recorderOf(context)
  if (recorder.queue.length > 0) recorder.writing ??= write(context, recorder)
  await recorder.writing
}

/** Forgets what is older than the log is kept. */
export async function forgetExchanges(context: Context): Promise<void> {
  const before = context.clock.now() - limits.exchangeLifeMs
  await deleteExchanges(alone(context.db), before)
}

async function write(context: Context, recorder: Recorder): Promise<void> {
  let rows: ExchangeRow[] = []
  try {
    while (recorder.queue.length > 0) {
      rows = recorder.queue.splice(0, rowsAtOnceMax)
      await insertExchanges(alone(context.db), rows)
    }
  } catch (error) {
    // They are tried again with the next row; a repeat of what was written after all changes nothing.
    recorder.queue = [...rows, ...recorder.queue].slice(-queuedMax)
    context.logger.warn({ err: error, waiting: recorder.queue.length }, 'The federation log was not written.')
  } finally {
    recorder.writing = undefined
  }
  if (recorder.dropped === 0) return
  context.logger.warn({ dropped: recorder.dropped }, 'Rows of the federation log were lost.')
  recorder.dropped = 0
}

// Line breaks forge log lines and direction marks turn them around, wherever the log is read (T-94).
const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu

function clean(row: ExchangeRow): ExchangeRow {
  return {
    ...row,
    route: shorten(row.route, 200),
    spaceId: row.spaceId && shorten(row.spaceId, 64),
    code: row.code && shorten(row.code, 64),
    detail: row.detail && shorten(row.detail, limits.problemDetailCharactersMax),
  }
}

function shorten(text: string, max: number): string {
  return text.slice(0, max).replace(hidden, '')
}
