import { type Selectable, sql } from 'kysely'
import type { NodeId, UserId } from '#schema/ids.ts'
import type { HostAccess } from '#schema/removal.ts'
import { accessTo } from './access.ts'
import { findLastFence } from './fences.ts'
import type { Db, Tx } from './open.ts'
import { routes } from './routes.ts'
import type { Tables } from './tables.ts'

// Leases that we gave (host = us) and were given (node = us). Who reads under one is said in `access.ts`.

export type LeaseRow = Selectable<Tables['lease']>

export async function findLease(db: Db, host: NodeId, node: NodeId): Promise<LeaseRow | undefined> {
  return await db
    .selectFrom('lease')
    .selectAll()
    .where('host', '=', host)
    .where('node', '=', node)
    .executeTakeFirst()
}

/**
 * The number of the last fence to a node, with its counter held against new ones: a lease that names it cannot miss
 * one whose transaction is still under way (A25).
 */
export async function holdFenceCounter(tx: Tx, node: NodeId): Promise<number> {
  const row = await tx
    .selectFrom('fenceCounter')
    .select('n')
    .where('node', '=', node)
    .forShare()
    .executeTakeFirst()
  return row?.n ?? 0
}

export async function putGivenLease(tx: Tx, lease: LeaseRow): Promise<void> {
  await tx
    .insertInto('lease')
    .values(lease)
    .onConflict((conflict) => conflict.columns(['host', 'node']).doUpdateSet(lease))
    .execute()
}

/**
 * Stores a lease that we were given, unless we have a newer one. The row is held before fences are counted, as it is
 * when one is stored: so neither misses the other.
 */
export async function putTakenLease(tx: Tx, lease: Omit<LeaseRow, 'fencesHave'>): Promise<void> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('lease')
    .values({ ...lease, fencesHave: 0 })
    .onConflict((conflict) =>
      conflict
        .columns(['host', 'node'])
        .doUpdateSet(lease)
        .where(sql<boolean>`(lease.iat, lease.fences_upto) <= (excluded.iat, excluded.fences_upto)`),
    )
    .executeTakeFirstOrThrow()
  if (numInsertedOrUpdatedRows !== 0n) await countFences(tx, lease.host, lease.node)
}

/** Holds the lease of a host, if there is one, before a fence of it is stored. */
export async function holdLease(tx: Tx, host: NodeId, node: NodeId): Promise<void> {
  await tx
    .selectFrom('lease')
    .select('iat')
    .where('host', '=', host)
    .where('node', '=', node)
    .forUpdate()
    .execute()
}

/** Notes up to which number no fence of a host is missing. In a statement of its own, behind the lock. */
export async function countFences(tx: Tx, host: NodeId, node: NodeId): Promise<number> {
  const have = await findLastFence(tx, host, node)
  await tx
    .updateTable('lease')
    .set({ fencesHave: have })
    .where('host', '=', host)
    .where('node', '=', node)
    .execute()
  return have
}

/** The nodes whose users reach what we host, and whose lease is due or was never given. */
export async function listLeasesDue(db: Db, host: NodeId, now: number): Promise<NodeId[]> {
  const { rows } = await sql<{ node: NodeId }>`
    select m.node from (
      select distinct m.node from member m join space s on s.id = m.space_id and s.host = ${host}
      where m.until_seq is null and m.node <> ${host}
    ) m
    join peer p on p.node = m.node and not p.blocked and not p.paused and not p.conflict and p.retired_at is null
    left join lease l on l.host = ${host} and l.node = m.node
    where l.renew_at is null or l.renew_at <= ${now} or exists (
      -- What was given may be more than the policy gives now.
      select 1 from policy where scope in ('workspace', m.node) and changed_at >= l.iat + 1000
    )
    order by m.node
  `.execute(db)
  return rows.map((row) => row.node)
}

/**
 * The hosts from which we need something: a lease, because ours is overdue, or fences that it names and we lack. A
 * host pushes leases by itself, so it gets some time before it is asked.
 */
export async function listLeasesLacking(
  db: Db,
  node: NodeId,
  now: number,
): Promise<{ readonly host: NodeId; readonly lacksFences: boolean }[]> {
  const { rows } = await sql<{ host: NodeId; lacksFences: boolean }>`
    select h.host, coalesce(l.fences_have < l.fences_upto, false) as lacks_fences from (
      select distinct s.host from member m join space s on s.id = m.space_id and s.host <> ${node}
      where m.until_seq is null and m.node = ${node}
    ) h
    join peer p on p.node = h.host and not p.blocked and not p.paused and not p.conflict and p.retired_at is null
    left join lease l on l.host = h.host and l.node = ${node}
    where l.renew_at is null or l.renew_at + (l.until_at - l.renew_at) / 4 <= ${now}
      or l.fences_have < l.fences_upto
    order by h.host
  `.execute(db)
  return rows
}

export type HostOfUser = {
  readonly host: NodeId
  readonly access: HostAccess | null
  readonly spaces: number
  readonly untilAt: number | null
  readonly outageUntil: number | null
  readonly heardAt: number | null
}

/** The other nodes that host spaces which a user reaches by the logs that we hold, and whether those are served now. */
export async function listHostsOf(
  db: Db,
  who: { readonly user: UserId; readonly node: NodeId },
  now: number,
): Promise<HostOfUser[]> {
  const { rows } = await sql<HostOfUser>`
    select s.host, ${accessTo(sql`${who.node}::text`, now)} as access, s.spaces, l.until_at, l.outage_until,
      p.heard_at
    from (
      select s.host, false as purging, bool_or(s.withheld) as withheld, count(distinct s.id) as spaces
      from (${routes}) route join space s on s.id = route.space_id
      where route.user_id = ${who.user} and s.host <> ${who.node} and not s.purging
      group by s.host
    ) s
    left join lease l on l.host = s.host and l.node = ${who.node}
    left join peer p on p.node = s.host
    order by s.host
  `.execute(db)
  return rows
}

/** The hosts whose spaces we serve now, with how: what changes from one look to the next is news for open views. */
export async function listServed(
  db: Db,
  node: NodeId,
  now: number,
): Promise<{ readonly host: NodeId; readonly access: HostAccess }[]> {
  const { rows } = await sql<{ host: NodeId; access: HostAccess }>`
    select s.host, ${accessTo(sql`${node}::text`, now)} as access
    from (
      select host, false as purging, exists (
        select 1 from space where space.host = lease.host and withheld
      ) as withheld from lease where node = ${node}
    ) s
  `.execute(db)
  return rows.filter((row) => row.access !== null)
}
