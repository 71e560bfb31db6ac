import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { HistoryWindow, Role, SpaceKind } from '../event/shared.ts'
import { InviteId, NodeId, SpaceId } from '../ids.ts'
import { Person } from '../person.ts'

const space = { space: SpaceId, kind: SpaceKind, title: z.string().nullable(), host: NodeId }

/** Something that waits until an administrator has decided. */
export const Approval = z.discriminatedUnion('what', [
  /** Somebody here invites (`outgoing`), or somebody here is invited (`incoming`, and does not know yet). */
  z.strictObject({
    what: z.enum(['outgoing', 'incoming']),
    id: InviteId,
    ...space,
    inviter: Person,
    invitee: z.string(),
    /** The other company; null for a person without one. */
    node: NodeId.nullable(),
    /** Approving approves that company as a partner as well. */
    isNewPartner: z.boolean(),
    role: Role,
    history: HistoryWindow,
    roster: z.array(NodeId),
    /** Why it waits: the rule. */
    rule: z.string(),
    since: z.int(),
    expiresAt: z.int(),
  }),
  /** A company has arrived in a space that another node hosts. Refusing ends our part in the space. */
  z.strictObject({
    what: z.literal('company'),
    id: SpaceId,
    ...space,
    /** The companies that arrived. */
    nodes: z.array(NodeId),
    /** False when the policy forbids them: then there is only leaving, or another policy. */
    mayApprove: z.boolean(),
    rule: z.string(),
    since: z.int(),
  }),
])
export type Approval = z.output<typeof Approval>

export const listApprovals = endpoint({
  method: 'GET',
  url: '/api/approvals',
  summary: 'What waits for an administrator, oldest first.',
  policy: 'admin',
  reply: { status: 200, schema: z.strictObject({ approvals: z.array(Approval) }) },
})

const decided = {
  policy: 'admin',
  params: z.strictObject({ approvalId: z.union([InviteId, SpaceId]) }),
  reply: { status: 200, schema: z.strictObject({ approvals: z.array(Approval) }) },
} as const

export const approve = endpoint({
  ...decided,
  method: 'POST',
  url: '/api/approvals/:approvalId/approve',
  summary: 'Approves. What still waits comes back.',
})

export const refuse = endpoint({
  ...decided,
  method: 'POST',
  url: '/api/approvals/:approvalId/refuse',
  summary: 'Refuses. What still waits comes back.',
})
