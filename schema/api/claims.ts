import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { NodeId } from '../ids.ts'
import { Token } from './accounts.ts'

// At the workspace of somebody who was invited by mail, or who has a free account elsewhere: they bring the token that
// the other workspace's page gave them, and this node claims what it stands for in their name.

export const claimInvitation = endpoint({
  method: 'POST',
  url: '/api/claims/invitation',
  summary: 'Claims an invitation that another workspace mailed to you. It then waits among your invitations.',
  policy: 'member',
  body: z.strictObject({ node: NodeId, token: Token }),
  reply: {
    status: 200,
    schema: z.strictObject({
      /** `confirmation`: whoever invited has to say first that it is you who is meant. */
      status: z.enum(['invited', 'confirmation']),
    }),
  },
})

export const claimGuest = endpoint({
  method: 'POST',
  url: '/api/claims/guest',
  summary: 'Takes your free account at another workspace over: its groups and threads become yours here.',
  policy: 'member',
  body: z.strictObject({ node: NodeId, token: Token }),
  reply: { status: 200, schema: z.strictObject({ status: z.literal('claimed') }) },
})
