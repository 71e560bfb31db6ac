import { z } from 'zod'
import { Hash, NodeId } from '../ids.ts'

/** A company takes part from here on; made by the host before that company's first member joins. */
export const NodeAdd = z.strictObject({
  node: NodeId,
  /** Head of the node's operation log as the host had it pinned. */
  op_hash: Hash,
})
export type NodeAdd = z.output<typeof NodeAdd>
