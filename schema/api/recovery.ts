import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { NodeId } from '../ids.ts'

/** How far a workspace has come that was put back from a backup. Times in ms. */
export const Recovery = z.strictObject({
  /** Null: all is as ever. */
  recovering: z
    .strictObject({
      since: z.int(),
      reason: z.enum([
        'database-behind',
        'database-moved',
        'mark-missing',
        'mark-differs',
        'copy',
        'keys-recovered',
      ]),
    })
    .nullable(),
  /** Who has to say what came after the backup. */
  partners: z.array(
    z.strictObject({
      node: NodeId,
      /** It has said what it holds of ours. */
      answeredAt: z.int().nullable(),
      /** We know again what it hosts. */
      caughtUpAt: z.int().nullable(),
      triedAt: z.int().nullable(),
      /** An operator has said that it will never answer. */
      lostAt: z.int().nullable(),
      /** What came of the last attempt, or was found. */
      outcome: z.string().nullable(),
    }),
  ),
  /** Spaces that are shut meanwhile, by their hosts. */
  withheld: z.array(z.strictObject({ host: NodeId, spaces: z.int() })),
})
export type Recovery = z.output<typeof Recovery>

export const getRecovery = endpoint({
  method: 'GET',
  url: '/api/recovery',
  summary:
    'Whether the workspace was put back from a backup, and which partners have said what came after it.',
  policy: 'admin',
  reply: { status: 200, schema: Recovery },
})
