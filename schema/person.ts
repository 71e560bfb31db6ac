import { z } from 'zod'
import { NodeId, UserId } from './ids.ts'

/** Somebody, as one viewer sees them. What depends on the viewer is computed for each reply and never stored. */
export const Person = z.strictObject({
  id: UserId,
  name: z.string(),
  node: NodeId,
  /** Not a member of the viewer's workspace: a page puts the badge on, with `node`. */
  external: z.boolean(),
  /** A guest is somebody without a node of their own, for whom `node` vouches. */
  kind: z.enum(['member', 'guest', 'bot']),
  /** Does their node stand by them now? Otherwise a page says "unverified". */
  vouched: z.boolean(),
  /** The company as their node calls it, which nobody has checked; `node` is what was checked. */
  organisation: z.string().nullable(),
  /** An external whose name can be taken for that of somebody of the viewer's workspace, or for the workspace. */
  confusable: z.boolean(),
})
export type Person = z.output<typeof Person>

/** What somebody tells of themselves beside the name; of an external, what their workspace lets others see. */
export const profileTexts = {
  title: z.string().nullable(),
  /** An IANA name: `Europe/Berlin`. */
  timeZone: z.string().nullable(),
  statusText: z.string().nullable(),
} as const

/** The card of somebody. */
export const Profile = Person.extend(profileTexts)
export type Profile = z.output<typeof Profile>
