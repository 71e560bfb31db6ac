import { sql } from 'kysely'
import { digestState } from '#federation/state.ts'
import type { Hash, SpaceId } from '#schema/ids.ts'
import { findEntryHash } from './entries.ts'
import type { Db, Tx } from './open.ts'
import { loadStates, type SpaceRow } from './spaces.ts'

// A log that goes on from an earlier entry than its last one. What lies beyond is put aside, and the rows are what they
// were when that entry was the head.

/** Why a log cannot be cut there: our copy of it begins later, or does not say what the state was then. */
export class TooFarBackError extends Error {
  override name = 'TooFarBackError'
}

/** Threads began to address the group beyond the cut: whose windows they are in would be another matter than it was (T7). */
export class LeantOnError extends Error {
  override name = 'LeantOnError'
}

/** Does a thread that is held here name a later entry of this group as where it began to address it? */
export async function isLeantOn(db: Db, group: SpaceId, seq: number): Promise<boolean> {
  const row = await db
    .selectFrom('recipient')
    .select('spaceId')
    .where('groupId', '=', group)
    .where('removeSeq', 'is', null)
    .where('anchorSeq', '>', seq)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** Makes an entry the head again. The caller holds the row, and nothing is left of the cut when it throws. */
export async function cutBack(tx: Tx, row: SpaceRow, seq: number, now: number): Promise<SpaceRow> {
  const { id } = row
  if (seq <= Math.max(row.snapshotSeq, row.baseSeq)) throw new TooFarBackError()
  if (seq === row.headSeq) return row
  if (await isLeantOn(tx, id, seq)) throw new LeantOnError()
  await putAside(tx, id, seq, now)
  await takeBackMemberships(tx, id, seq)
  await takeBackSettings(tx, row, seq)
  await forgetPlaces(tx, id, seq)
  const head = await headAt(tx, row, seq)
  const state = await stateAt(tx, row, seq)
  await sql`update space_state set state_seq = ${state.seq}, state_hash = ${state.hash} where space_id = ${id}`.execute(
    tx,
  )
  await tx
    .updateTable('space')
    .set((eb) => ({ ...head, cuts: eb('cuts', '+', 1) }))
    .where('id', '=', id)
    .execute()
  const digest = digestState((await loadStates(tx, [id])).get(id)!)
  // What the log itself said the state was. Otherwise something of it is not told by the rows.
  if (state.digest !== null && digest !== state.digest) throw new TooFarBackError()
  await tx.updateTable('spaceState').set({ digest }).where('spaceId', '=', id).execute()
  return { ...row, ...head, cuts: row.cuts + 1 }
}

async function putAside(tx: Tx, id: SpaceId, seq: number, now: number): Promise<void> {
  await sql`
    insert into side_entry (space_id, epoch, seq, hash, text, sender, type, header, salt, content, proof_hash, at, cut_at)
    select e.space_id, e.epoch, e.seq, e.hash, e.text, e.sender, e.type, e.header, c.salt, c.text, e.proof_hash, e.at,
      ${now}::bigint
    from entry e left join content c on c.space_id = e.space_id and c.seq = e.seq
    where e.space_id = ${id} and e.seq > ${seq}
    on conflict do nothing
  `.execute(tx)
  for (const table of ['content', 'entry', 'attested'])
    await sql`delete from ${sql.table(table)} where space_id = ${id} and seq > ${seq}`.execute(tx)
}

/**
 * Puts a whole copy aside that another one takes the place of, with all that lies aside of it already: there when its
 * space is gone, until the transaction ends.
 */
export async function takeAside(tx: Tx, id: SpaceId, now: number): Promise<void> {
  // The genesis is that of every branch.
  await putAside(tx, id, 1, now)
  await sql`create temporary table aside on commit drop as select * from side_entry where space_id = ${sql.lit(id)}`.execute(
    tx,
  )
}

/** Puts it beside the copy that is there now. */
export async function layAside(tx: Tx): Promise<void> {
  await sql`insert into side_entry select * from aside`.execute(tx)
}

/** Rows of what held between two seqs: what began later never was, and what ended later has not. */
async function takeBackMemberships(tx: Tx, id: SpaceId, seq: number): Promise<void> {
  for (const [table, begin, end] of [
    ['member', 'from_seq', 'until_seq'],
    ['recipient', 'add_seq', 'remove_seq'],
    ['space_node', 'add_seq', 'remove_seq'],
    ['invited', 'add_seq', 'end_seq'],
  ] as const) {
    const [rows, from, until] = [sql.table(table), sql.ref(begin), sql.ref(end)]
    await sql`delete from ${rows} where space_id = ${id} and ${from} > ${seq}`.execute(tx)
    await sql`update ${rows} set ${until} = null where space_id = ${id} and ${until} > ${seq}`.execute(tx)
  }
  await sql`delete from hold where space_id = ${id} and seq > ${seq}`.execute(tx)
}

/** A setting that was made later has the value again that an earlier entry gave it, if any did. */
async function takeBackSettings(tx: Tx, { id, snapshotSeq }: SpaceRow, seq: number): Promise<void> {
  const gone = await sql`delete from setting where space_id = ${id} and seq > ${seq}`.execute(tx)
  const back = await sql`
    insert into setting (space_id, key, value, seq)
    select distinct on (key) ${id}, made.key, made.value, made.seq from (
      select e.seq, said.key, said.value from entry e
      join content c on c.space_id = e.space_id and c.seq = e.seq
      cross join lateral (
        select c.text::json ->> 'key' as key, c.text::json ->> 'value' as value where e.type = 'space.set'
        union all
        select s.key, s.value from json_each_text(case when e.type = 'space.create'
          then coalesce(c.text::json -> 'settings', '{}') else '{}' end) s
      ) said
      where e.space_id = ${id} and e.state_digest is not null and e.type in ('space.create', 'space.set')
        and e.seq > ${snapshotSeq}
    ) made
    order by key, seq desc
    on conflict (space_id, key) do nothing
  `.execute(tx)
  // What a setting was before our copy begins is not known here any more.
  if (snapshotSeq > 0 && back.numAffectedRows !== gone.numAffectedRows) throw new TooFarBackError()
  await sql`
    update space set title = (select value from setting where space_id = ${id} and key = 'title') where id = ${id}
  `.execute(tx)
}

/** What named a place beyond the cut says nothing about what will stand there. */
async function forgetPlaces(tx: Tx, id: SpaceId, seq: number): Promise<void> {
  for (const table of ['receipt', 'cosignature', 'promise', 'probe', 'checkpoint'])
    await sql`delete from ${sql.table(table)} where space_id = ${id} and seq > ${seq}`.execute(tx)
  await sql`
    update cursor set acked_seq = least(acked_seq, ${seq}), acked_hash = null, failures = 0, next_attempt_at = 0,
      stopped = null
    where space_id = ${id}
  `.execute(tx)
  await sql`update read_state set seq = ${seq} where space_id = ${id} and seq > ${seq}`.execute(tx)
  await sql`update space set threads_listed_at = null where id = ${id}`.execute(tx)
  await expectAgain(tx, id, seq)
}

/**
 * What the host had accepted beyond an entry is not in the log after all: it is sent again, and placed in the new epoch.
 */
export async function expectAgain(tx: Tx, id: SpaceId, seq: number): Promise<void> {
  await sql`delete from promise where space_id = ${id} and seq > ${seq}`.execute(tx)
  await sql`
    update pending set state = 'queued', promised_seq = null
    where space_id = ${id} and state = 'accepted' and coalesce(promised_seq, ${seq + 1}::bigint) > ${seq}
  `.execute(tx)
}

type HeadOfRow = Pick<SpaceRow, 'epoch' | 'headSeq' | 'headHash' | 'headAt'>

async function headAt(tx: Tx, row: SpaceRow, seq: number): Promise<HeadOfRow> {
  const entry = await tx
    .selectFrom('entry')
    .select(['epoch', 'hash', 'at'])
    .where('spaceId', '=', row.id)
    .where('seq', '=', seq)
    .executeTakeFirstOrThrow()
  return { epoch: entry.epoch, headSeq: seq, headHash: entry.hash, headAt: entry.at }
}

type StateAt = { readonly seq: number; readonly hash: Hash; readonly digest: Hash | null }

async function stateAt(db: Db, row: SpaceRow, seq: number): Promise<StateAt> {
  const entry = await db
    .selectFrom('entry')
    .select(['seq', 'hash', 'stateDigest as digest'])
    .where('spaceId', '=', row.id)
    .where('seq', '>', row.snapshotSeq)
    .where('seq', '<=', seq)
    .where('stateDigest', 'is not', null)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (entry) return entry
  // Nothing has changed since the snapshot that the copy began with: its place is that of the state (H4).
  const hash = await findEntryHash(db, row.id, row.snapshotSeq)
  return { seq: row.snapshotSeq, hash: hash ?? row.baseHash!, digest: null }
}
