import { z } from 'zod'
import { limits } from '../limits.ts'

const SmallJws = z.string().max(limits.smallDocumentBytesMax)

/**
 * Two checkpoints (`parley-ckpt+jws`) of one host that cannot both be true. `entries` are the entry texts behind the
 * earlier one, up to and including the later one's, when they are not over the same seq.
 */
export const Evidence = z.object({
  a: SmallJws,
  b: SmallJws,
  entries: z.array(z.string().max(limits.entryBytesMax)).max(limits.evidenceEntriesMax).optional(),
})
export type Evidence = z.output<typeof Evidence>

/** `noted` is said to who brings the same again, too. */
export const EvidenceAnswer = z.object({ status: z.literal('noted') })
export type EvidenceAnswer = z.output<typeof EvidenceAnswer>

/** The newest checkpoint that a node holds, and the newest receipts of others for that log, as their issuers signed them. */
export const SignedHead = z.object({
  checkpoint: SmallJws,
  receipts: z.array(SmallJws).max(limits.cosignaturesMax),
})
export type SignedHead = z.output<typeof SignedHead>
