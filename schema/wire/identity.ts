import { z } from 'zod'
import { Hash, NodeId, UserId } from '../ids.ts'
import { limits } from '../limits.ts'
import { Seconds } from './event.ts'

// \p{C} without unassigned characters: controls, format characters (all bidi controls and joiners), surrogates,
// private use. Then what is invisible by other means: line separators and default-ignorable characters.
// A variation selector is let through behind a pictograph only, where it makes an emoji.
const hidden =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|(?!\uFE0F)\p{Default_Ignorable_Code_Point}|(?<!\p{Extended_Pictographic})\uFE0F/u

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * Whether a text may stand as somebody's name (I5): NFC, 1 to 80 grapheme clusters, at most 256 bytes, nothing
 * invisible or able to reorder what stands beside it, no space at its ends. Refused otherwise, never repaired.
 */
export function isDisplayName(text: string): boolean {
  if (text === '' || text.length > limits.displayNameBytesMax) return false
  if (new TextEncoder().encode(text).length > limits.displayNameBytesMax) return false
  if (!text.isWellFormed() || hidden.test(text) || text.trim() !== text || text.normalize('NFC') !== text)
    return false
  return [...segmenter.segment(text)].length <= limits.displayNameGraphemesMax
}

/** A name or organisation label that may be shown to others. */
export const DisplayName = z
  .string()
  .max(limits.displayNameBytesMax)
  .refine(isDisplayName, 'not a display name')

/** A picture by its content, fetched through the file service; never an address (I6). */
export const Avatar = z.looseObject({
  sha256: Hash,
  size: z.int().positive().max(limits.avatarBytesMax),
  type: z.enum(['image/png', 'image/jpeg', 'image/webp', 'image/gif']),
})

/** An IANA name by its form: other nodes may know zones that we do not. */
export const TimeZone = z
  .string()
  .max(limits.timeZoneCharactersMax)
  .regex(/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/)

/**
 * The document in which a home node vouches for its user: payload of `parley-id+jws`, at most 8 KiB (I1 to I8).
 * Times in seconds. It holds no e-mail address and no handle. Unknown members are kept and have no effect.
 */
export const Identity = z.looseObject({
  v: z.literal(1),
  iss: NodeId,
  iat: Seconds,
  /** At most seven days after `iat`. */
  exp: Seconds,
  /** Its domain is `iss`. */
  sub: UserId,
  /** Goes up with every change; a lower one is never applied again. */
  ver: z.int().positive(),
  /** `guest`: an account without a node of its own. */
  kind: z.enum(['member', 'guest', 'bot']),
  name: DisplayName,
  /** As the node states it; shown as unverified beside the domain. */
  org: DisplayName.optional(),
  avatar: Avatar.optional(),
  /** What else of the profile their workspace lets others see. */
  title: DisplayName.optional(),
  time_zone: TimeZone.optional(),
  status_text: DisplayName.optional(),
  status: z.enum(['active', 'suspended', 'deleted']),
  must: z.array(z.string().max(limits.featureCharactersMax)).max(limits.mustNamesMax).optional(),
})
export type Identity = z.output<typeof Identity>

/** Documents about users of the sender, and newer ones of others who take part in spaces that it hosts. */
export const IdentityPush = z.object({
  identities: z.array(z.string().max(limits.identityBytesMax)).min(1).max(limits.identitiesPerPushMax),
})

/** Those that were not taken, by their place in the request. When none was, the request itself is refused. */
export const IdentityPushAnswer = z.object({
  refused: z
    .array(
      z.object({
        place: z.int().nonnegative(),
        code: z.string().max(64),
        /** Seconds, with `rate`. */
        retry_after: z.int().nonnegative().optional(),
      }),
    )
    .max(limits.identitiesPerPushMax),
})
