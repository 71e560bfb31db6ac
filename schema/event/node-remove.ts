import { z } from 'zod'
import { NodeId } from '../ids.ts'

/** A company takes part no longer; made by the host after that company's last member went. */
export const NodeRemove = z.strictObject({ node: NodeId })
export type NodeRemove = z.output<typeof NodeRemove>
