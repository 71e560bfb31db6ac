import type { NodeId } from '#schema/ids.ts'
import type { Db } from '#server/db/open.ts'
import { findListed } from '#server/db/peer-rules.ts'
import { findPeer } from '#server/db/peers.ts'
import type { Acquaintance } from './decide.ts'

/** How a company stands with us: what our administrators have said of it, by approving, blocking or listing it. */
export async function acquaintanceWith(db: Db, node: NodeId): Promise<Acquaintance> {
  const peer = await findPeer(db, node)
  // Keys that do not continue those we pinned are met like a block: nothing goes until an administrator has looked.
  const isOut = peer !== undefined && (peer.blocked || peer.conflict)
  const isEnded = typeof peer?.endedAt === 'number'
  return { isPartner: peer?.approved ?? false, isEnded, listed: isOut ? 'block' : await findListed(db, node) }
}
