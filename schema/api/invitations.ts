import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { HistoryWish } from '../history.ts'
import { InviteId, NodeId, SpaceId } from '../ids.ts'
import { Grade, Invitation, Invitee, SentInvitation } from '../invitation.ts'
import { limits } from '../limits.ts'

/** The companies that the sender was shown and agrees to bring in. */
export const Companies = z.array(NodeId).max(limits.nodesPerSpaceMax).default([])

const SentWithLink = z.strictObject({
  ...SentInvitation.shape,
  /** For a person without a company, where this node sends no mail: the one link that lets them in. */
  link: z.string().nullable(),
})

export const invite = endpoint({
  method: 'POST',
  url: '/api/spaces/:spaceId/invitations',
  summary: 'Invites somebody: of another company, or a person without one.',
  policy: 'member',
  params: z.strictObject({ spaceId: SpaceId }),
  body: z.strictObject({
    to: Invitee,
    role: Grade.default('poster'),
    /** When absent: all of a thread or dm as far as you see it, and in a group what comes from the joining on. */
    history: HistoryWish.optional(),
    companies: Companies,
  }),
  reply: {
    status: 201,
    schema: SentWithLink,
  },
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

const sent = z.strictObject({ spaceId: SpaceId, inviteId: z.string().min(1).max(64) })

export const resendInvitation = endpoint({
  method: 'POST',
  url: '/api/spaces/:spaceId/invitations/:inviteId/resend',
  summary: 'Sends an open invitation once more, good for another fourteen days.',
  policy: 'member',
  params: sent,
  reply: { status: 200, schema: SentWithLink },
})

export const revokeInvitation = endpoint({
  method: 'POST',
  url: '/api/spaces/:spaceId/invitations/:inviteId/revoke',
  summary: 'Takes an invitation back that nobody has answered yet.',
  policy: 'member',
  params: sent,
  reply: { status: 200, schema: SentInvitation },
})
