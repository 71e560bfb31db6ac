import {
  claimInvite,
  askForInvite,
  deliverInvite,
  respondToInvite,
  revokeInvite,
} from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { receiveInviteResponse } from '#server/peers/invites/answer.ts'
import { receiveInviteAsk } from '#server/peers/invites/ask.ts'
import { receiveInviteClaim } from '#server/peers/invites/claims.ts'
import { receiveInvite } from '#server/peers/invites/receive.ts'
import { receiveRevocation } from '#server/peers/invites/revoke.ts'
import type { App } from '../serve.ts'
import { servePeer } from './serve.ts'

export function inviteRoutes(app: App, context: Context): void {
  servePeer(
    app,
    context,
    claimInvite,
    async ({ peer, body }) => await receiveInviteClaim(context, peer.node, body),
  )

  servePeer(
    app,
    context,
    deliverInvite,
    async ({ peer, body }) => await receiveInvite(context, peer.node, body.invite),
  )

  servePeer(
    app,
    context,
    respondToInvite,
    async ({ peer, params, body }) => await receiveInviteResponse(context, peer.node, params.jti, body),
  )

  servePeer(
    app,
    context,
    revokeInvite,
    async ({ peer, params, body }) =>
      await receiveRevocation(context, peer.node, params.jti, body.revocation),
  )

  servePeer(
    app,
    context,
    askForInvite,
    async ({ peer, params, body }) => await receiveInviteAsk(context, peer.node, params.space, body),
  )
}
