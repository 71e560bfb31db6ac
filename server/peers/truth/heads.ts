import type { NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { SignedHead } from '#schema/wire/evidence.ts'
import type { Context } from '#server/context.ts'
import { listCosignatures } from '#server/db/cosignatures.ts'
import { hasMember } from '#server/db/participation.ts'
import { findSpace, type SpaceRow } from '#server/db/spaces.ts'
import { Refusal } from '#server/refusal.ts'
import { findServed } from '../log/served.ts'
import { ourCheckpoint } from './confront.ts'

/** Does this node take part in the space now, by our copy of its log? */
export async function takesPart(context: Context, node: NodeId, row: SpaceRow): Promise<boolean> {
  if (node === row.host) return true
  if (row.host === context.node) return (await findServed(context, node, row.id)) !== undefined
  return await hasMember(context.db, row.id, node)
}

/** The newest checkpoint that we hold, with what others have confirmed, for a node that takes part (O6). */
export async function serveHead(context: Context, node: NodeId, space: SpaceId): Promise<SignedHead> {
  const row = await findSpace(context.db, space)
  if (!row || row.purging || !(await takesPart(context, node, row))) throw new Refusal('not-visible')
  const checkpoint = await ourCheckpoint(context, row)
  if (!checkpoint) throw new Refusal('not-visible')
  const receipts = await listCosignatures(context.db, row, { except: node, limit: limits.cosignaturesMax })
  return { checkpoint: checkpoint.text, receipts }
}
