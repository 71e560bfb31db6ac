import { z } from 'zod'
import { PendingState } from './entry.ts'
import { HistoryWindow, Role, SpaceKind } from './event/shared.ts'
import { NodeId, SpaceId } from './ids.ts'
import { SentInvitation } from './invitation.ts'
import { Person } from './person.ts'
import { HostAccess } from './removal.ts'

/**
 * How far a thread has come that the viewer has started where another company hosts; only they see it. It waits (`queued`),
 * was sent, is in the host's log and on its way here (`accepted`), or will never begin: refused, or expired.
 */
export const Beginning = z.strictObject({
  state: PendingState,
  /** Why, when refused: a refusal code. */
  code: z.string().nullable(),
})
export type Beginning = z.output<typeof Beginning>

const basics = {
  id: SpaceId,
  kind: SpaceKind,
  title: z.string().nullable(),
  /** The node that orders the space's log. */
  host: NodeId,
  /** The first entry that the viewer may see. */
  fromSeq: z.int(),
  headSeq: z.int(),
  /** When the last entry was written, in milliseconds since 1970. */
  headAt: z.int(),
  /** The companies that read it; one is our own. */
  nodes: z.array(NodeId),
  /** It has externals in it or belongs to another workspace, as the viewer's workspace sees it. */
  external: z.boolean(),
  /** Where another company hosts it: may it be written in, or only read because that company is silent? */
  access: HostAccess.exclude(['locked']),
  /** Null for everything that is in a log here. */
  beginning: Beginning.nullable(),
}

/** A space in a list. */
export const SpaceSummary = z.strictObject({
  ...basics,
  /** Up to where the viewer has read. */
  readSeq: z.int(),
})
export type SpaceSummary = z.output<typeof SpaceSummary>

export const SpaceMember = z.strictObject({
  person: Person,
  role: Role,
  history: HistoryWindow,
})
export type SpaceMember = z.output<typeof SpaceMember>

/** A space with who takes part in it. */
export const Space = z.strictObject({
  ...basics,
  starter: Person,
  /** Nobody may bring others in or change the subject; nobody may write. */
  locked: z.boolean(),
  repliesOff: z.boolean(),
  members: z.array(SpaceMember),
  /** The groups that a thread addresses. The title is null, and the companies are none, where we do not hold the group. */
  groups: z.array(
    z.strictObject({
      id: SpaceId,
      title: z.string().nullable(),
      host: NodeId,
      nodes: z.array(NodeId),
      external: z.boolean(),
    }),
  ),
  /** Invitations that wait: for an administrator, for the host, for an answer. */
  invitations: z.array(SentInvitation),
  /** Companies that have arrived and that an administrator of this workspace has not agreed to: posting is paused. */
  held: z.array(NodeId),
  /** Why the log was stopped here until an administrator has looked, as in a security event; null when it was not. */
  frozen: z.string().nullable(),
})
export type Space = z.output<typeof Space>
