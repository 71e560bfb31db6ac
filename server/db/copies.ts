import { sql } from 'kysely'
import type { SpaceState } from '#federation/state.ts'
import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import { routes } from './routes.ts'

// Copies of logs that others host, which may begin behind the genesis (SPEC H).

/** Writes what a log said up to the base: the rows that effects would have written, had we seen the entries. */
export async function insertState(tx: Tx, state: SpaceState): Promise<void> {
  const { id } = state
  const members = [...state.members]
  await sql`
    insert into member (space_id, user_id, node, join_seq, from_seq, role, history)
    select ${id}, user_id, split_part(user_id, '@', 2), join_seq, join_seq, role, history
    from unnest(${members.map(([user]) => user)}::text[], ${members.map(([, m]) => m.joinSeq)}::bigint[],
      ${members.map(([, m]) => m.role)}::text[], ${members.map(([, m]) => m.history)}::text[])
      as m (user_id, join_seq, role, history)
  `.execute(tx)
  const invites = [...state.invites]
  await sql`
    insert into invited (space_id, jti, node, role, history, add_seq)
    select ${id}, jti, node, role, history, ${state.stateSeq}
    from unnest(${invites.map(([jti]) => jti)}::text[], ${invites.map(([, i]) => i.node)}::text[],
      ${invites.map(([, i]) => i.role)}::text[], ${invites.map(([, i]) => i.history)}::text[])
      as i (jti, node, role, history)
  `.execute(tx)
  for (const [groupId, group] of state.groups)
    await tx
      .insertInto('recipient')
      .values({ spaceId: id, groupId, ...group, removeSeq: null })
      .execute()
  for (const [node, addSeq] of state.nodes)
    await tx.insertInto('spaceNode').values({ spaceId: id, node, addSeq, removeSeq: null }).execute()
  for (const [key, value] of state.settings)
    await tx.insertInto('setting').values({ spaceId: id, key, value, seq: state.stateSeq }).execute()
}

const tablesOfCopy = [
  'entry',
  'content',
  'proof',
  'checkpoint',
  'member',
  'recipient',
  'spaceNode',
  'invited',
  'setting',
  'attested',
  'promise',
  'spaceState',
] as const

/** Forgets our copy of a log altogether. */
export async function deleteCopy(tx: Tx, space: SpaceId): Promise<void> {
  for (const table of tablesOfCopy) await tx.deleteFrom(table).where('spaceId', '=', space).execute()
  await tx.deleteFrom('space').where('id', '=', space).execute()
}

/** Earlier entries are here: our copy begins before them now. False when it has another base meanwhile. */
export async function lowerBase(
  tx: Tx,
  space: SpaceId,
  from: { readonly seq: number },
  to: { readonly seq: number; readonly hash: Hash | null },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('space')
    .set({ baseSeq: to.seq, baseHash: to.hash })
    .where('id', '=', space)
    .where('baseSeq', '=', from.seq)
    .executeTakeFirstOrThrow()
  return numUpdatedRows !== 0n
}

export type Wanting = {
  readonly id: SpaceId
  readonly host: NodeId
  readonly epoch: number
  readonly baseSeq: number
  readonly baseHash: Hash
  /** The first entry that users of ours may see. */
  readonly fromSeq: number
}

/** The copies that begin later than what users of ours may see, of one space or of all. */
export async function listWanting(db: Db, ours: NodeId, space?: SpaceId): Promise<Wanting[]> {
  const which = space === undefined ? sql`true` : sql`s.id = ${space}`
  const { rows } = await sql<Wanting>`
    select s.id, s.host, s.epoch, s.base_seq, s.base_hash, way.from_seq from space s
    cross join lateral (
      select min(route.from_seq) as from_seq from (${routes}) route
      where route.space_id = s.id and route.node = ${ours}
    ) way
    where s.base_seq > 0 and s.frozen is null and way.from_seq <= s.base_seq and ${which}
  `.execute(db)
  return rows
}

/** Groups of others in which users of ours are members, whose threads were last asked for before this time, or never. */
export async function listUnlistedGroups(
  db: Db,
  ours: NodeId,
  before: number,
): Promise<{ id: SpaceId; host: NodeId }[]> {
  const { rows } = await sql<{ id: SpaceId; host: NodeId }>`
    select s.id, s.host from space s
    where s.kind = 'group' and s.host <> ${ours} and s.frozen is null
      and coalesce(s.threads_listed_at, 0) < ${before}
      and exists (select 1 from member m where m.space_id = s.id and m.node = ${ours} and m.until_seq is null)
  `.execute(db)
  return rows
}

/** Notes that a group's threads were asked for, or that they are to be asked for again. */
export async function noteThreadsListed(tx: Tx, group: SpaceId, at: number | null): Promise<void> {
  await tx.updateTable('space').set({ threadsListedAt: at }).where('id', '=', group).execute()
}

/** The groups of a host in which users of ours are members. */
export async function listGroupsOf(db: Db, host: NodeId, ours: NodeId): Promise<SpaceId[]> {
  const { rows } = await sql<{ id: SpaceId }>`
    select s.id from space s where s.kind = 'group' and s.host = ${host} and s.frozen is null
      and exists (select 1 from member m where m.space_id = s.id and m.node = ${ours} and m.until_seq is null)
    order by s.id limit 500
  `.execute(db)
  return rows.map((row) => row.id)
}
