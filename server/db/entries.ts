import { type Selectable, sql } from 'kysely'
import { type Named, neverNamed } from '#federation/positions.ts'
import type { EventId, Hash, NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { EntryBody } from '#schema/wire/event.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

export type EntryRow = Selectable<Tables['entry']>
/** An entry to insert, with the content that lies beside it. */
export type NewEntry = EntryRow & { readonly salt: string | null; readonly content: string | null }
export type NewHead = {
  id: SpaceId
  epoch: number
  seq: number
  hash: Hash
  at: number
  digest: Hash
  stateSeq: number
  stateHash: Hash
}

/** Writes entries, contents and the new heads of their spaces in one statement: its count, not the rows, is the cost. */
export async function insertEntries(
  tx: Tx,
  rows: readonly NewEntry[],
  heads: readonly NewHead[],
): Promise<void> {
  const of = <K extends keyof NewEntry>(key: K): NewEntry[K][] => rows.map((row) => row[key])
  const withContent = rows.filter((row) => row.content !== null)
  await sql`
    with inserted as (
      insert into entry (space_id, epoch, seq, hash, text, event_id, origin, sender, type, header, at, standing,
        proof_hash, state_digest, idempotency_key, request_hash, disputed)
      select * from unnest(${of('spaceId')}::text[], ${of('epoch')}::int[], ${of('seq')}::bigint[],
        ${of('hash')}::text[], ${of('text')}::text[], ${of('eventId')}::uuid[], ${of('origin')}::text[],
        ${of('sender')}::text[], ${of('type')}::text[], ${of('header')}::text[], ${of('at')}::bigint[],
        ${of('standing')}::text[], ${of('proofHash')}::text[], ${of('stateDigest')}::text[],
        ${of('idempotencyKey')}::text[], ${of('requestHash')}::text[], ${of('disputed')}::boolean[])
    ), contents as (
      insert into content (space_id, seq, salt, text)
      select * from unnest(${withContent.map((row) => row.spaceId)}::text[],
        ${withContent.map((row) => row.seq)}::bigint[], ${withContent.map((row) => row.salt)}::text[],
        ${withContent.map((row) => row.content)}::text[])
    ), states as (
      update space_state set state_seq = head.seq, state_hash = head.hash, digest = head.digest
      from unnest(${heads.map((head) => head.id)}::text[], ${heads.map((head) => head.stateSeq)}::bigint[],
        ${heads.map((head) => head.stateHash)}::text[], ${heads.map((head) => head.digest)}::text[])
        as head (id, seq, hash, digest)
      where space_id = head.id and state_seq <> head.seq
    )
    update space set epoch = head.epoch, head_seq = head.seq, head_hash = head.hash, head_at = head.at
    from unnest(${heads.map((head) => head.id)}::text[], ${heads.map((head) => head.epoch)}::int[],
      ${heads.map((head) => head.seq)}::bigint[], ${heads.map((head) => head.hash)}::text[],
      ${heads.map((head) => head.at)}::bigint[]) as head (id, epoch, seq, hash, at)
    where space.id = head.id
  `.execute(tx)
}

export type EventKey = { readonly space: SpaceId; readonly origin: NodeId; readonly id: EventId }
export type RequestKey = { readonly space: SpaceId; readonly sender: UserId; readonly key: string }
export type KnownEntry = Pick<
  EntryRow,
  'spaceId' | 'seq' | 'origin' | 'eventId' | 'text' | 'header' | 'sender' | 'idempotencyKey' | 'requestHash'
>

/**
 * The entries that hold these events, or that were asked for under these idempotency keys. Each key is looked up by
 * itself (lateral, limit 1): as a plain join, a plan made while the log was small would read all of it ever after.
 */
export async function findKnown(
  db: Db,
  events: readonly EventKey[],
  requests: readonly RequestKey[],
): Promise<KnownEntry[]> {
  const columns = sql.raw(
    'space_id, seq, origin, event_id, text, header, sender, idempotency_key, request_hash',
  )
  const { rows } = await sql<KnownEntry>`
    select e.* from unnest(${events.map((e) => e.space)}::text[], ${events.map((e) => e.origin)}::text[],
      ${events.map((e) => e.id)}::uuid[]) as k (space, origin, id)
    cross join lateral (
      select ${columns} from entry where space_id = k.space and origin = k.origin and event_id = k.id limit 1
    ) e
    union all
    select e.* from unnest(${requests.map((r) => r.space)}::text[],
      ${requests.map((r) => r.sender)}::text[], ${requests.map((r) => r.key)}::text[]) as k (space, sender, key)
    cross join lateral (
      select ${columns} from entry
      where space_id = k.space and sender = k.sender and idempotency_key = k.key limit 1
    ) e
  `.execute(db)
  return rows
}

export type ReadEntry = EntryRow & { readonly salt: string | null; readonly content: string | null }

/** A page of a log in its order, contents beside the entries, from after `after`. */
export async function listEntries(
  db: Db,
  space: SpaceId,
  page: { readonly after: number; readonly upTo?: number | undefined; readonly limit: number },
): Promise<ReadEntry[]> {
  return await db
    .selectFrom('entry')
    .leftJoin('content', (join) =>
      join.onRef('content.spaceId', '=', 'entry.spaceId').onRef('content.seq', '=', 'entry.seq'),
    )
    .selectAll('entry')
    .select(['content.salt', 'content.text as content'])
    .where('entry.spaceId', '=', space)
    .where('entry.seq', '>', page.after)
    .$if(page.upTo !== undefined, (query) => query.where('entry.seq', '<=', page.upTo!))
    .orderBy('entry.seq')
    .limit(page.limit)
    .execute()
}

/** The last entries of a range, in the order of the log, contents beside the entries. */
export async function listEntriesBefore(
  db: Db,
  space: SpaceId,
  page: { readonly after: number; readonly before: number; readonly limit: number },
): Promise<ReadEntry[]> {
  const after = Math.max(page.after, page.before - 1 - page.limit)
  return await listEntries(db, space, { after, upTo: page.before - 1, limit: page.limit })
}

/** The state digest at a position: that of the last state entry at or before it (A21). */
export async function findStateDigest(db: Db, space: SpaceId, seq: number): Promise<Hash | undefined> {
  const row = await db
    .selectFrom('entry')
    .select('stateDigest')
    .where('spaceId', '=', space)
    .where('seq', '<=', seq)
    .where('stateDigest', 'is not', null)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.stateDigest ?? undefined
}

/** The last state entry at or before a position: what a group's windows and anchors name. */
export async function findLastStateSeq(db: Db, space: SpaceId, seq: number): Promise<number> {
  const { seq: last } = await db
    .selectFrom('entry')
    .select('seq')
    .where('spaceId', '=', space)
    .where('seq', '<=', seq)
    .where('stateDigest', 'is not', null)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  return last
}

/** The first entry that was written at or after a moment. */
export async function findFirstSince(db: Db, space: SpaceId, at: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('entry')
    .select('seq')
    .where('spaceId', '=', space)
    .where('at', '>=', at)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst()
  return row?.seq
}

/** The hash of one entry, to compare with what somebody else says of it. */
export async function findEntryHash(db: Db, space: SpaceId, seq: number): Promise<Hash | undefined> {
  const row = await db
    .selectFrom('entry')
    .select('hash')
    .where('spaceId', '=', space)
    .where('seq', '=', seq)
    .executeTakeFirst()
  return row?.hash
}

/**
 * The last position in a group that a thread's log has named so far. It never goes back, so the newest entry that names
 * the group has it; in a thread that people write in through the group that one is near.
 */
export async function findLastNamed(db: Db, thread: SpaceId, group: SpaceId): Promise<Named> {
  const row = await db
    .selectFrom('entry')
    .select('text')
    .where('spaceId', '=', thread)
    .where('standing', '<>', 'unverified')
    .where(sql<boolean>`position(${group} in text) > 0`)
    .orderBy('epoch', 'desc')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) return neverNamed
  const { via = [], anchor = [] } = JSON.parse(row.text) as EntryBody
  const named = [...via, ...anchor].filter((position) => position.space === group)
  return named.toSorted((a, b) => b.epoch - a.epoch || b.seq - a.seq)[0] ?? neverNamed
}

export async function insertProof(tx: Tx, proof: Selectable<Tables['proof']>): Promise<void> {
  await tx
    .insertInto('proof')
    .values(proof)
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function listProofs(db: Db, space: SpaceId, hashes: readonly Hash[]): Promise<string[]> {
  if (hashes.length === 0) return []
  const rows = await db
    .selectFrom('proof')
    .select('jws')
    .where('spaceId', '=', space)
    .where('hash', '=', sql<Hash>`any(${[...hashes]})`)
    .execute()
  return rows.map((row) => row.jws)
}

/** Entry texts of a range, in their order. */
export async function listEntryTexts(
  db: Db,
  space: SpaceId,
  { after, upTo }: { readonly after: number; readonly upTo: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('entry')
    .select('text')
    .where('spaceId', '=', space)
    .where('seq', '>', after)
    .where('seq', '<=', upTo)
    .orderBy('seq')
    .execute()
  return rows.map((row) => row.text)
}

/** The epoch and hash of one entry: two epochs may each have an entry of one seq. */
export async function findEntryPlace(
  db: Db,
  space: SpaceId,
  seq: number,
): Promise<{ epoch: number; hash: Hash } | undefined> {
  return await db
    .selectFrom('entry')
    .select(['epoch', 'hash'])
    .where('spaceId', '=', space)
    .where('seq', '=', seq)
    .executeTakeFirst()
}

export async function findEntryAt(db: Db, space: SpaceId, seq: number): Promise<number | undefined> {
  const row = await db
    .selectFrom('entry')
    .select('at')
    .where('spaceId', '=', space)
    .where('seq', '=', seq)
    .executeTakeFirst()
  return row?.at
}
