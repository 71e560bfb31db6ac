import { randomBytes } from 'node:crypto'
import { signInvite } from '#federation/invite.ts'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { deliverInvite } from '#schema/wire/endpoints.ts'
import type { Invite } from '#schema/wire/invite.ts'
import type { Context } from '#server/context.ts'
import { callPeer, type PeerAnswer } from '#server/peers/exchange/call.ts'
import { genesisOf } from '#server/peers/log/genesis.ts'
import { signedIdentity } from '#server/vouch.ts'

// Letters of a host that says what it likes: validly signed, about a space that it has.

type Letter = { readonly space: string; readonly inviter: string; readonly to: string }

/** A letter to globex, for somebody there or for nobody. */
export async function writeLetter(
  context: Context,
  { space, inviter, to }: Letter,
  changes: Partial<Invite> & Record<string, unknown> = {},
): Promise<string> {
  const now = Math.floor(context.clock.now() / 1000)
  const letter: Invite = {
    v: 1,
    iss: context.node,
    aud: 'globex.test' as NodeId,
    jti: randomBytes(16).toString('base64url') as Invite['jti'],
    iat: now,
    exp: now + 86_400,
    space: space as SpaceId,
    kind: 'thread',
    genesis: await genesisOf(context, space as SpaceId),
    inviter: await signedIdentity(context, context.db, inviter as UserId),
    invitee: { handle: to as never },
    role: 'poster',
    history: 'all',
    roster: [context.node],
    features: [],
  }
  return signInvite({ ...letter, ...changes }, context.keys.signer)
}

export async function deliver(context: Context, invite: string): Promise<PeerAnswer<{ status: 'received' }>> {
  return await callPeer(context, 'globex.test' as NodeId, { contract: deliverInvite, body: { invite } })
}

/** The code of a refusal; undefined when it was received. */
export function codeOfAnswer(answer: PeerAnswer<unknown>): string | undefined {
  if (answer.ok) return undefined
  return 'refused' in answer ? answer.refused.code : answer.failed.reason
}
