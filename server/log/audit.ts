import { type Head, noHash, readEntry } from '#federation/chain.ts'
import { hashHeader, readContent, readHeaderForm } from '#federation/event.ts'
import type { SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { listEntries, type ReadEntry } from '#server/db/entries.ts'
import type { Db } from '#server/db/open.ts'
import { findSpace, listSpaceIds, type SpaceRow } from '#server/db/spaces.ts'

// Is the database still what was written? Disks forget and flip bits, and a log that was damaged here must not be
// passed on. Every hash is taken anew: entries, headers, contents, and how each entry follows the one before.

export type Damage = { readonly space: SpaceId; readonly seq: number; readonly what: string }
export type Audit = { readonly spaces: number; readonly entries: number; readonly damages: readonly Damage[] }

/** Re-hashes all logs that this node holds, its own and its copies. Reads only; stops between pages. */
export async function auditLogs(db: Db, signal?: AbortSignal): Promise<Audit> {
  const damages: Damage[] = []
  let [spaces, entries] = [0, 0]
  for (let after = ''; !signal?.aborted;) {
    const ids = await listSpaceIds(db, after, limits.pageLengthMax)
    for (const id of ids) {
      const row = await findSpace(db, id)
      if (!row || row.purging || signal?.aborted) continue
      const audited = await auditSpace(db, row, signal)
      spaces += 1
      entries += audited.entries
      if (audited.damage) damages.push(audited.damage)
    }
    const last = ids.at(-1)
    if (last === undefined) break
    after = last
  }
  return { spaces, entries, damages }
}

type Audited = { readonly entries: number; readonly damage?: Damage }

/** Up to the head as it was when the row was read: what is appended meanwhile is for the next time. */
async function auditSpace(db: Db, row: SpaceRow, signal?: AbortSignal): Promise<Audited> {
  const { id: space, baseSeq, baseHash } = row
  let entries = 0
  let head: Head = { epoch: row.epoch, seq: 0, hash: noHash }
  const damaged = (seq: number, what: string): Audited => ({ entries, damage: { space, seq, what } })
  while (head.seq < row.headSeq && !signal?.aborted) {
    const page = { after: head.seq, upTo: row.headSeq, limit: limits.pullEntriesMax }
    const rows = await listEntries(db, space, page)
    for (const entry of rows) {
      // A copy that begins behind a base has the genesis, and then what follows the base.
      if (baseSeq > 0 && head.seq < baseSeq && entry.seq > 1)
        head = { epoch: row.epoch, seq: baseSeq, hash: baseHash! }
      const what = damageOf(entry, space, head)
      if (what !== undefined) return (await isThere(db, row)) ? damaged(entry.seq, what) : { entries }
      head = { epoch: entry.epoch, seq: entry.seq, hash: entry.hash }
      entries += 1
    }
    if (rows.length > 0) continue
    // Nothing has come since the snapshot that the copy began with.
    if (head.seq <= 1 && row.headSeq === baseSeq) return { entries }
    return (await isThere(db, row)) ? damaged(head.seq + 1, 'it is missing') : { entries }
  }
  const isWhole = signal?.aborted || head.hash === row.headHash
  return isWhole ? { entries } : damaged(row.headSeq, 'it is not the head')
}

/** Not purged, and not begun anew, while it was being read. */
async function isThere(db: Db, { id, baseSeq }: SpaceRow): Promise<boolean> {
  const row = await findSpace(db, id)
  return row !== undefined && !row.purging && row.baseSeq === baseSeq
}

function damageOf(row: ReadEntry, space: SpaceId, before: Head): string | undefined {
  const read = readEntry(row.text)
  if (!read.ok) return 'its text is no entry'
  const { hash, body } = read.value
  if (hash !== row.hash) return 'its hash is another'
  if (body.space !== space || body.seq !== row.seq || body.at !== row.at)
    return 'its row says something else than its text'
  if (body.seq !== before.seq + 1) return 'one before it is missing'
  if (body.prev !== before.hash) return 'it does not follow the one before'
  if (hashHeader(row.header) !== body.event) return 'it is about another event'
  if (row.standing !== 'verified') return undefined
  const header = readHeaderForm(row.header)
  if (!header.ok) return 'its header cannot be read'
  return readContent(header.value, row).ok ? undefined : 'its content is another'
}
