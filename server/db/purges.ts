import { type Selectable, sql } from 'kysely'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { openRoutes } from './access.ts'
import type { FenceRow, Lost } from './fences.ts'
import type { Db, Tx } from './open.ts'
import { holdSpaces } from './spaces.ts'
import type { PurgeStep, Tables } from './tables.ts'

// Purges: what a fence of a host names is deleted here, one space at a time, in steps that a crash may come between.

export type FencedSpaceRow = Selectable<Tables['fenceSpace']>
/** A fence by its number. */
export type FenceKey = { readonly host: NodeId; readonly node: NodeId; readonly n: number }

/** The hosts that have ordered something which is not done, or whose order we have not answered. */
export async function listPurgingHosts(db: Db, node: NodeId): Promise<NodeId[]> {
  const rows = await db
    .selectFrom('fence')
    .select('host')
    .distinct()
    .where('node', '=', node)
    .where('variant', '=', 0)
    .where('action', '=', 'purge')
    .where('purgeAckedAt', 'is', null)
    .orderBy('host')
    .execute()
  return rows.map((row) => row.host)
}

/** The orders of a host that are to be carried out here or answered, in their turn. */
export async function listOpenPurges(db: Db, host: NodeId, node: NodeId): Promise<FenceRow[]> {
  return await db
    .selectFrom('fence')
    .selectAll()
    .where('host', '=', host)
    .where('node', '=', node)
    .where('variant', '=', 0)
    .where('action', '=', 'purge')
    .where('purgeAckedAt', 'is', null)
    .orderBy('n')
    .limit(limits.fencesPerPullMax)
    .execute()
}

/** What stays behind because of a hold that is there no longer is open again. */
export async function reopenHeld(tx: Tx, node: NodeId): Promise<void> {
  await sql`
    update fence f set held = false, purge_receipt = null, purged_at = null, purge_acked_at = null
    where f.node = ${node} and f.held and not exists (
      select 1 from legal_hold h where h.scope = 'everything' or h.scope in (
        select space_id from fence_space s
        where s.host = f.host and s.node = f.node and s.n = f.n and s.outcome = 'held'
      )
    )
  `.execute(tx)
  await sql`
    update fence_space s set outcome = null from fence f
    where f.host = s.host and f.node = s.node and f.n = s.n and f.node = ${node} and s.outcome = 'held'
      and not f.held and f.purge_receipt is null
  `.execute(tx)
}

/** Stores a page of what a fence names; `isLast` when there is no more. */
export async function storeFencedSpaces(
  tx: Tx,
  { host, node, n }: FenceKey,
  page: { readonly spaces: readonly Lost[]; readonly isLast: boolean },
): Promise<void> {
  if (page.spaces.length > 0) {
    await tx
      .insertInto('fenceSpace')
      .values(page.spaces.map((space) => ({ host, node, n, ...space, step: null, outcome: null })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
  if (!page.isLast) return
  await tx
    .updateTable('fence')
    .set({ listed: true })
    .where('host', '=', host)
    .where('node', '=', node)
    .where('n', '=', n)
    .where('variant', '=', 0)
    .execute()
}

export async function listFencedSpaces(
  db: Db,
  { host, node, n }: FenceKey,
  page: { readonly after?: SpaceId | undefined; readonly limit?: number } = {},
): Promise<FencedSpaceRow[]> {
  return await db
    .selectFrom('fenceSpace')
    .selectAll()
    .where('host', '=', host)
    .where('node', '=', node)
    .where('n', '=', n)
    .$if(page.after !== undefined, (query) => query.where('spaceId', '>', page.after!))
    .orderBy('spaceId')
    .$if(page.limit !== undefined, (query) => query.limit(page.limit!))
    .execute()
}

/** What is to become of a copy: its purge goes on, or it stays for a reason. */
export type Verdict = 'purge' | 'kept' | 'held'

/**
 * Decides about a copy, once, and closes it. It stays when somebody here reaches it by what came after the order; it
 * stays closed under a legal hold; and there may be none.
 */
export async function closeCopy(tx: Tx, row: FencedSpaceRow): Promise<Verdict> {
  const [space] = await holdSpaces(tx, [row.spaceId])
  const verdict = space?.host === row.host ? await verdictOn(tx, row) : 'purge'
  if (verdict === 'purge' && space?.host === row.host) {
    await tx.updateTable('space').set({ purging: true }).where('id', '=', row.spaceId).execute()
  }
  await noteStep(tx, row, verdict === 'purge' ? { step: 'denied' } : { outcome: verdict })
  return verdict
}

async function verdictOn(tx: Tx, { spaceId, node }: FencedSpaceRow): Promise<Verdict> {
  const { rows } = await sql<{ reached: boolean; held: boolean }>`
    select exists (${openRoutes(node, spaceId)}) as reached,
      exists (select 1 from legal_hold where scope in (${spaceId}, 'everything')) as held
  `.execute(tx)
  if (rows[0]!.reached) return 'kept'
  return rows[0]!.held ? 'held' : 'purge'
}

export async function noteStep(
  tx: Tx,
  { host, node, n, spaceId }: FencedSpaceRow,
  news: { readonly step?: PurgeStep; readonly outcome?: 'purged' | 'kept' | 'held' },
): Promise<void> {
  await tx
    .updateTable('fenceSpace')
    .set(news)
    .where('host', '=', host)
    .where('node', '=', node)
    .where('n', '=', n)
    .where('spaceId', '=', spaceId)
    .execute()
}

/**
 * What was derived from a copy for the people here: read markers, letters that were answered. What they wrote and was
 * never sent stays with its author, as refused. What was sent is still asked about: the host may have it (A22), and what
 * it has said it has went with the copy.
 */
export async function deleteDerived(tx: Tx, space: SpaceId): Promise<void> {
  await tx.deleteFrom('readState').where('spaceId', '=', space).execute()
  await tx
    .deleteFrom('invite')
    .where('spaceId', '=', space)
    // One that waits for an administrator or an answer, or was accepted anew, is about another time.
    .where('status', 'not in', ['approval', 'open', 'accepted'])
    .execute()
  await tx.deleteFrom('inviteAsk').where('spaceId', '=', space).execute()
  await tx.deleteFrom('hold').where('spaceId', '=', space).execute()
  await tx.deleteFrom('ending').where('spaceId', '=', space).execute()
  await tx
    .updateTable('pending')
    .set({ state: 'refused', code: 'space-purged' })
    .where('spaceId', '=', space)
    .where('state', '=', 'queued')
    .execute()
  await tx.deleteFrom('pending').where('spaceId', '=', space).where('state', '=', 'accepted').execute()
}

/** Deletes some rows of a copy and counts them with its purge. False: there were no more. */
export async function deleteSome(tx: Tx, row: FencedSpaceRow, what: 'content' | 'entry'): Promise<boolean> {
  const { rows } = await sql<{ count: number }>`
    with gone as (
      delete from ${sql.table(what)} where space_id = ${row.spaceId} and seq in (
        select seq from ${sql.table(what)} where space_id = ${row.spaceId} order by seq
        limit ${limits.purgeRowsAtOnce}
      ) returning 1
    )
    select count(*) as count from gone
  `.execute(tx)
  const { count } = rows[0]!
  const column = what === 'content' ? 'contents' : 'entries'
  await tx
    .updateTable('fenceSpace')
    .set((eb) => ({ [column]: eb(column, '+', count) }))
    .where('host', '=', row.host)
    .where('node', '=', row.node)
    .where('n', '=', row.n)
    .where('spaceId', '=', row.spaceId)
    .execute()
  return count === limits.purgeRowsAtOnce
}

/** Leaves a tombstone: enough to say that the space was here, nothing of what it was about. */
export async function insertTombstone(tx: Tx, row: FencedSpaceRow, at: number): Promise<void> {
  await sql`
    insert into tombstone (space_id, host, n, head_seq, head_hash, purged_at)
    select id, host, ${row.n}, head_seq, head_hash, ${at} from space where id = ${row.spaceId}
    on conflict (space_id) do update
      set n = excluded.n, head_seq = excluded.head_seq, head_hash = excluded.head_hash, purged_at = excluded.purged_at
  `.execute(tx)
}

export async function hasTombstone(db: Db, space: SpaceId, host: NodeId): Promise<boolean> {
  const row = await db
    .selectFrom('tombstone')
    .select('n')
    .where('spaceId', '=', space)
    .where('host', '=', host)
    .executeTakeFirst()
  return row !== undefined
}

type Word = {
  readonly purgeReceipt?: string
  readonly purgedAt?: number
  readonly purgeAckedAt?: number
  readonly held?: boolean
}

/** Notes the signed word that a purge is done, ours or theirs. */
export async function storePurge(tx: Tx, { host, node, n }: FenceKey, word: Word): Promise<void> {
  await tx
    .updateTable('fence')
    .set(word)
    .where('host', '=', host)
    .where('node', '=', node)
    .where('n', '=', n)
    .where('variant', '=', 0)
    .execute()
}

/**
 * A node has confirmed that its copies are gone: what it gets when it comes back begins anew. Where it has kept one, it
 * says so by its next receipt.
 */
export async function forgetCursors(tx: Tx, { host, node, n }: FenceKey): Promise<void> {
  await sql`
    update cursor c set acked_seq = 0, acked_hash = null, stopped = null, failures = 0, next_attempt_at = 0
    from fence_space s
    where s.host = ${host} and s.node = ${node} and s.n = ${n} and c.space_id = s.space_id and c.node = s.node
  `.execute(tx)
}

/**
 * Does a node still owe us the word that its copy of a space is gone? Then it gets nothing new of it, so that what
 * comes with a new membership is not mixed with what is being deleted; for a day, and then its silence is its own.
 */
export async function isPurgeAwaited(
  db: Db,
  { host, node, space }: { readonly host: NodeId; readonly node: NodeId; readonly space: SpaceId },
  now: number,
): Promise<boolean> {
  const { rows } = await sql<{ is: boolean }>`
    select exists (
      ${awaitedPurges(host, now)} and s.space_id = ${space} and s.node = ${node}
    ) as is
  `.execute(db)
  return rows[0]!.is
}

/** The condition as SQL; `s` is the row of what a fence names. */
export function awaitedPurges(host: NodeId, now: number) {
  return sql`
    select f.at, s.space_id, s.node from fence_space s
    join fence f on f.host = s.host and f.node = s.node and f.n = s.n and f.variant = 0
    where s.host = ${host} and f.purge_acked_at is null and f.at > ${now - limits.purgeOverdueMs}
  `
}

/** Our orders that were not confirmed, or not carried out, in time, and of which no operator was told. Marks them as told. */
export async function takeOverdue(
  tx: Tx,
  host: NodeId,
  now: number,
): Promise<{ node: NodeId; n: number; spaceId: SpaceId }[]> {
  return await tx
    .updateTable('fence')
    .set({ alarmedAt: now })
    .where('host', '=', host)
    .where((eb) =>
      eb.or([
        eb('ackedAt', 'is', null),
        eb.and([eb('action', '=', 'purge'), eb('purgeAckedAt', 'is', null)]),
      ]),
    )
    .where('alarmedAt', 'is', null)
    .where('node', 'not in', (eb) =>
      eb.selectFrom('peer').select('peer.node').where('retiredAt', 'is not', null),
    )
    .where('at', '<=', now - limits.purgeOverdueMs)
    .returning(['node', 'n', 'spaceId'])
    .execute()
}
