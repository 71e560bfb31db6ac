import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { HistoryWindow, Role, SpaceKind } from '../event/shared.ts'
import { HistoryWish } from '../history.ts'
import { Address, InviteId, NodeId, SpaceId } from '../ids.ts'
import { Person } from '../person.ts'

/** An invitation that somebody of another company sent you. */
export const Invitation = z.strictObject({
  id: InviteId,
  space: SpaceId,
  kind: SpaceKind,
  title: z.string().nullable(),
  /** The node that hosts the space, and whose user invites. */
  host: NodeId,
  inviter: Person,
  role: Role,
  history: HistoryWindow,
  /** The companies that take part already. */
  roster: z.array(NodeId),
  status: z.enum(['open', 'accepted', 'joined', 'declined', 'revoked', 'expired']),
  expiresAt: z.int(),
})
export type Invitation = z.output<typeof Invitation>

export const invite = endpoint({
  method: 'POST',
  url: '/api/spaces/:spaceId/invitations',
  summary: 'Invites somebody of another company by federated address.',
  policy: 'member',
  params: z.strictObject({ spaceId: SpaceId }),
  body: z.strictObject({
    address: Address,
    role: z.enum(['reader', 'poster', 'member']).default('poster'),
    /** When absent: all of a thread or dm as far as you see it, and in a group what comes from the joining on. */
    history: HistoryWish.optional(),
  }),
  reply: { status: 201, schema: z.strictObject({ id: InviteId, node: NodeId, expiresAt: z.int() }) },
})

export const listInvitations = endpoint({
  method: 'GET',
  url: '/api/invitations',
  summary: 'The invitations that wait for your answer.',
  policy: 'user',
  reply: { status: 200, schema: z.strictObject({ invitations: z.array(Invitation) }) },
})

const answering = z.strictObject({ inviteId: InviteId })

export const acceptInvitation = endpoint({
  method: 'POST',
  url: '/api/invitations/:inviteId/accept',
  summary: 'Accepts. The space appears when its host has written you into its log.',
  policy: 'user',
  params: answering,
  reply: { status: 200, schema: Invitation },
})

export const declineInvitation = endpoint({
  method: 'POST',
  url: '/api/invitations/:inviteId/decline',
  summary: 'Declines. Nothing of the space was or will be sent.',
  policy: 'user',
  params: answering,
  reply: { status: 200, schema: Invitation },
})
