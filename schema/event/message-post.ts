import { z } from 'zod'
import { UserId } from '../ids.ts'
import { limits } from '../limits.ts'

/** What somebody wrote. `md1` is the Markdown subset of the product; mentions carry ids, never text. */
export const MessagePost = z.strictObject({
  /** 1 to 16,000 characters (code points), with something visible in it. */
  text: z
    .string()
    .min(1)
    .max(limits.messageCharactersMax)
    .regex(/[^\s\p{Cf}\p{Cc}]/u),
  fmt: z.enum(['plain', 'md1']),
  mentions: z.array(z.union([UserId, z.literal('@all')])).max(limits.mentionsPerMessageMax),
})
export type MessagePost = z.output<typeof MessagePost>
