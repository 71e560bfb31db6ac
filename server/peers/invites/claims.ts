import { domainOf } from '#schema/email.ts'
import { NodeId, nodeOf, type UserId } from '#schema/ids.ts'
import { type RefusalCode, refusals } from '#schema/refusal.ts'
import { claimInvite } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { claimMailLink } from '#server/db/mail-links.ts'
import { addressOf, holdLink, openLink } from '#server/mail/links.ts'
import { adoptInvitation } from '#server/policy/adopt.ts'
import { Refusal } from '#server/refusal.ts'
import { signedIdentity } from '#server/vouch.ts'
import { callPeer, type PeerAnswer } from '../exchange/call.ts'
import { learnIdentity } from '../identities/identities.ts'
import { findNodeOfDomain } from '../discovery/mail-domains.ts'

// Somebody who was invited by mail has a workspace of their own: their node shows the link to the node that mailed it,
// in their name, and they are invited by name (C1, C2). No guest is made.

type Claiming = { readonly node: NodeId; readonly token: string }
type Claimed = { readonly status: 'invited' | 'confirmation' }

/** Claims a mailed invitation for somebody here. */
export async function claimInvitation(
  context: Context,
  actor: { readonly userId: UserId },
  { node, token }: Claiming,
): Promise<Claimed> {
  if (node === context.node) throw new Refusal('link-invalid')
  const identity = await signedIdentity(context, context.db, actor.userId)
  const answer = await callPeer(context, node, { contract: claimInvite, body: { token, identity } })
  return expectAnswer(answer)
}

/** What the other node said; its refusal, in our own words, when it said no. */
export function expectAnswer<T>(answer: PeerAnswer<T>): T {
  if (answer.ok) return answer.value
  if ('failed' in answer) throw new Refusal('peer-unreachable', { reason: answer.failed.reason })
  const { code } = answer.refused
  const isUnknown = code === 'stranger' || code === 'approval-pending' || code === 'partner-blocked'
  if (isUnknown) throw new Refusal('not-a-partner')
  throw new Refusal(Object.hasOwn(refusals, code) ? (code as RefusalCode) : 'link-invalid')
}

/** Another node shows one of our links for a user of its own. */
export async function receiveInviteClaim(
  context: Context,
  node: NodeId,
  { token, identity: text }: { readonly token: string; readonly identity: string },
): Promise<Claimed> {
  const identity = await learnIdentity(context, text)
  if (!identity.ok) throw new Refusal(identity.code, { detail: identity.detail ?? 'identity' })
  const { sub, kind, status } = identity.value
  // A guest of theirs is nobody whose company has a node.
  if (nodeOf(sub) !== node || kind === 'guest' || status !== 'active') throw new Refusal('no-right')
  const row = await openLink(context, token)
  const speaker = await findNodeOfDomain(context, NodeId.parse(domainOf(addressOf(row))))
  if (row.confirmedAt === null && speaker !== node) {
    // Nothing says that this is the person who was written to, so whoever wrote has to.
    await context.db.transaction().execute(async (tx) => {
      await claimMailLink(tx, (await holdLink(context, tx, token)).jti, sub)
    })
    return { status: 'confirmation' }
  }
  const claim = { jti: row.jti, user: sub, isAdmin: false }
  await adoptInvitation(context, claim, async (tx) => await holdLink(context, tx, token))
  return { status: 'invited' }
}
