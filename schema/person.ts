import { z } from 'zod'
import { NodeId, UserId } from './ids.ts'

/** Somebody, as one viewer sees them. `external` is computed from the viewer's workspace and never stored. */
export const Person = z.strictObject({
  id: UserId,
  name: z.string(),
  node: NodeId,
  external: z.boolean(),
})
export type Person = z.output<typeof Person>
