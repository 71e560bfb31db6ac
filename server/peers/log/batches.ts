import { isStateType } from '#schema/event/types.ts'
import type { SpaceId, UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Batch } from '#schema/wire/log.ts'
import type { Context } from '#server/context.ts'
import {
  findStateDigest,
  listEntries,
  listEntriesBefore,
  listProofs,
  type ReadEntry,
} from '#server/db/entries.ts'
import type { Db } from '#server/db/open.ts'
import { checkpointOf } from './checkpoints.ts'
import { documentsAbout } from '../discovery/documents-about.ts'

export type Page = {
  readonly after: number
  /** The last entries below this seq, instead of the first behind `after`. */
  readonly before?: number | undefined
  /** The head when it was asked who may have this: behind it somebody may have been removed. Undefined: whoever asks wrote it. */
  readonly upTo: number | undefined
  readonly entries: number
  readonly bytes: number
}

/** What a push may carry at the most. */
export const pushPage = { entries: limits.pushEntriesMax, bytes: limits.pushBytesMax } as const
/** What the answer to a pull may carry at the most. */
export const pullPage = { entries: limits.pullEntriesMax, bytes: limits.pullBytesMax } as const

/**
 * A page of a log that we host, with all that a follower needs to check it; or of a copy, under the `word` that its host
 * has signed. Undefined when there is nothing after.
 */
export async function buildBatch(
  context: Context,
  space: SpaceId,
  page: Page,
  word?: string,
): Promise<Batch | undefined> {
  const { db } = context
  const rows = await readPage(db, space, page)
  const last = rows.at(-1)
  if (!last) return undefined
  const state = last.stateDigest ?? (await findStateDigest(db, space, last.seq))
  if (!state) throw new Error('A log without a state entry has no genesis.')
  const proofs = [...new Set(rows.flatMap((row) => (row.proofHash === null ? [] : [row.proofHash])))]
  return {
    entries: rows.map(({ text, header, salt, content }) => ({
      entry: text,
      event: { header, salt, content },
    })),
    checkpoint: word ?? checkpointOf(context, space, last, state),
    proofs: await listProofs(db, space, proofs),
    statements: await statementsFor(context, rows),
  }
}

async function readPage(
  db: Db,
  space: SpaceId,
  { after, before, upTo, entries: limit, bytes }: Page,
): Promise<readonly ReadEntry[]> {
  if (before === undefined) return trim(await listEntries(db, space, { after, upTo, limit }), bytes)
  const end = Math.min(before, (upTo ?? before) + 1)
  const rows = await listEntriesBefore(db, space, { after, before: end, limit })
  return trim(rows.toReversed(), bytes).toReversed()
}

/** As many of the first rows as fit, and at least one. JSON in a string costs 13 % on typical text. */
function trim(rows: readonly ReadEntry[], bytesMax: number): readonly ReadEntry[] {
  let bytes = 0
  const end = rows.findIndex((row, i) => {
    bytes += 1.25 * (row.text.length + row.header.length + Buffer.byteLength(row.content ?? '')) + 200
    return bytes > bytesMax && i > 0
  })
  return end === -1 ? rows : rows.slice(0, end)
}

/** Identity documents of the people whom state entries bring in: who they are travels beside the log, never in it (A11). */
async function statementsFor(context: Context, rows: readonly ReadEntry[]): Promise<string[]> {
  const people = new Set<UserId>()
  for (const { type, sender, content } of rows) {
    if (!isStateType(type)) continue
    if (!sender.startsWith('node@')) people.add(sender as UserId)
    if (content === null) continue
    const said = JSON.parse(content) as { user?: UserId; recipients?: { users: UserId[] } }
    if (said.user) people.add(said.user)
    for (const user of said.recipients?.users ?? []) people.add(user)
  }
  const documents = await documentsAbout(context, people)
  return documents.map(({ jws }) => jws).slice(0, limits.pullEntriesMax)
}
