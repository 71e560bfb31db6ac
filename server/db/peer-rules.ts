import { type Selectable, sql } from 'kysely'
import type { NodeId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

export type PeerRuleRow = Selectable<Tables['peerRule']>

export async function listPeerRules(db: Db, limit: number): Promise<PeerRuleRow[]> {
  return await db.selectFrom('peerRule').selectAll().orderBy('pattern').limit(limit).execute()
}

/**
 * The list that a company stands on. By its own name before any pattern, and unwelcome before welcome: a pattern is
 * `*.` and one of the domains that the name lies below, compared label by label and never by a part of one.
 */
export async function findListed(db: Db, node: NodeId): Promise<'allow' | 'block' | null> {
  const labels = node.split('.')
  const patterns = labels.slice(1).map((_label, i) => `*.${labels.slice(i + 1).join('.')}`)
  const { rows } = await sql<{ list: 'allow' | 'block' }>`
    select list from peer_rule where pattern = ${node} or pattern = any(${patterns})
    order by pattern = ${node} desc, list = 'block' desc limit 1
  `.execute(db)
  return rows[0]?.list ?? null
}

export async function putPeerRule(tx: Tx, rule: PeerRuleRow): Promise<void> {
  await tx
    .insertInto('peerRule')
    .values(rule)
    .onConflict((conflict) => conflict.column('pattern').doUpdateSet(rule))
    .execute()
}

/** False when there is no such entry. */
export async function deletePeerRule(tx: Tx, pattern: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('peerRule')
    .where('pattern', '=', pattern)
    .executeTakeFirstOrThrow()
  return numDeletedRows !== 0n
}

/** Companies named by their whole id as welcome. */
export async function listWelcome(db: Db, limit: number): Promise<NodeId[]> {
  const rows = await db
    .selectFrom('peerRule')
    .select('pattern')
    .where('list', '=', 'allow')
    .where('pattern', 'not like', '*%')
    .limit(limit)
    .execute()
  return rows.map((row) => row.pattern as NodeId)
}

/** The known companies that an entry matches. */
export async function listMatching(db: Db, self: NodeId, pattern: string): Promise<NodeId[]> {
  const isWild = pattern.startsWith('*.')
  const rows = await db
    .selectFrom('peer')
    .select('node')
    .where('node', '<>', self)
    .where((eb) =>
      isWild
        ? eb(sql<string>`right(node, ${pattern.length - 1})`, '=', pattern.slice(1))
        : eb('node', '=', pattern as NodeId),
    )
    .orderBy('node')
    .limit(200)
    .execute()
  return rows.map((row) => row.node)
}
