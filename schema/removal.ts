import { z } from 'zod'
import { InviteId, NodeId, SpaceId, UserId } from './ids.ts'
import { Person } from './person.ts'
import { SpaceKind } from './event/shared.ts'

// What the end of an access does, before it is done and afterwards, as people read it.

/** A space by name; the title is null where we do not hold it. */
export const NamedSpace = z.strictObject({ id: SpaceId, kind: SpaceKind, title: z.string().nullable() })
export type NamedSpace = z.output<typeof NamedSpace>

/** A way to a space that stays: as a member of its own, or through a group that it addresses. */
export const Route = z.discriminatedUnion('through', [
  z.strictObject({ through: z.literal('membership') }),
  z.strictObject({ through: z.literal('group'), group: NamedSpace }),
])
export type Route = z.output<typeof Route>

/** What one person loses and keeps, and by which routes. Only spaces that this node hosts and the viewer reaches. */
export const PersonsLoss = z.strictObject({
  person: Person,
  loses: z.array(NamedSpace),
  keeps: z.array(z.strictObject({ space: NamedSpace, routes: z.array(Route) })),
})
export type PersonsLoss = z.output<typeof PersonsLoss>

/** What a removal would do. */
export const RemovalPreview = z.strictObject({
  people: z.array(PersonsLoss),
  /** The companies whose last person goes: they will be asked to delete their copies of these spaces. */
  purges: z.array(z.strictObject({ node: NodeId, spaces: z.array(NamedSpace) })),
})
export type RemovalPreview = z.output<typeof RemovalPreview>

/**
 * How far a removal of somebody of another company has come:
 * - `sent`: their node has not confirmed yet; nothing new is being sent
 * - `denied`: it has confirmed that they have no access
 * - `purging`: it has no access left, and has not yet confirmed that its copy is deleted
 * - `held`: it has confirmed that nobody there reads it, and keeps a copy under legal hold
 * - `purged`: it has confirmed that its copy is deleted
 */
export const RemovalState = z.enum(['sent', 'denied', 'purging', 'held', 'purged'])
export type RemovalState = z.output<typeof RemovalState>

export const Removal = z.strictObject({
  node: NodeId,
  /** Null when the whole company was removed. */
  person: Person.nullable(),
  state: RemovalState,
  /** Milliseconds. When it was decided here, and when their node has confirmed each part. */
  at: z.int(),
  deniedAt: z.int().nullable(),
  purgedAt: z.int().nullable(),
  /** Not confirmed within a day. */
  overdue: z.boolean(),
  /** After how many days their backups no longer hold the copy, as they say. */
  backupDays: z.int().nullable(),
})
export type Removal = z.output<typeof Removal>

/**
 * May what another company hosts be read here now?
 * - `open`: it has said so lately
 * - `outage`: it has not been heard of since its word ran out: read-only, for some days
 * - `locked`: not until it is heard of again
 * - `archive`: it has closed for good, or been silent for a month: read-only, as it was last
 */
export const HostAccess = z.enum(['open', 'outage', 'locked', 'archive'])
export type HostAccess = z.output<typeof HostAccess>

/** A company that hosts spaces of the viewer. */
export const Host = z.strictObject({
  node: NodeId,
  access: HostAccess,
  /** Milliseconds: until when this goes on if nothing is heard; null when it is locked or an archive. */
  until: z.int().nullable(),
  lastHeardAt: z.int().nullable(),
  /** How many spaces of the viewer it hosts. */
  spaces: z.int(),
})
export type Host = z.output<typeof Host>

/** Something that the viewer wrote for another company's space and that never got into it; nobody else sees it. */
export const Unsent = z.strictObject({
  id: z.string(),
  space: SpaceId,
  host: NodeId,
  /** A message, or a thread, of which this is the title. */
  type: z.enum(['msg.post', 'space.create']),
  text: z.string(),
  createdAt: z.int(),
  state: z.enum(['refused', 'expired']),
  /** Why, when refused: a refusal code. */
  code: z.string().nullable(),
})
export type Unsent = z.output<typeof Unsent>

/** A removal with the signed orders and answers that prove it. */
export const RemovalRecord = z.strictObject({
  host: NodeId,
  node: NodeId,
  n: z.int(),
  space: SpaceId,
  subject: z.union([UserId, z.literal('*')]),
  action: z.enum(['deny', 'purge']),
  at: z.int(),
  /** Signed documents, or null where there is none yet. */
  fence: z.string().nullable(),
  receipt: z.string().nullable(),
  purge: z.string().nullable(),
  /** The spaces that were to be purged. */
  spaces: z.array(SpaceId),
})
export type RemovalRecord = z.output<typeof RemovalRecord>

/** What an act towards a whole company would do. */
export const PartnerPreview = z.strictObject({
  node: NodeId,
  /** Shared spaces that we host, and that they host. */
  hosted: z.array(NamedSpace),
  followed: z.array(NamedSpace),
  /** Whose access ends, on their side and on ours. */
  theirPeople: z.int(),
  ourPeople: z.int(),
  /** Open invitations in both directions that end. */
  invitations: z.array(InviteId),
})
export type PartnerPreview = z.output<typeof PartnerPreview>
