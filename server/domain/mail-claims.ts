import { normaliseTypedDomain } from '#federation/domain.ts'
import type { InviteId, NodeId, SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { holdInvite } from '#server/db/invites.ts'
import { confirmMailLink, findMailLink } from '#server/db/mail-links.ts'
import { addressOf, holdLink, openLink } from '#server/mail/links.ts'
import { adoptInvitation } from '#server/policy/adopt.ts'
import { Refusal } from '#server/refusal.ts'
import { hostedSpace } from './access.ts'
import { type Actor, isAdmin } from './actor.ts'
import type { Proof } from './codes.ts'
import { prove } from './guests.ts'

// An invitation that was mailed goes to a workspace of the invitee's own. What their node then claims is in
// `peers/invites/claims.ts`.

type HandingOver = { readonly token: string; readonly node: string; readonly proof?: Proof | undefined }

/**
 * Where the invitee goes on: the page of their workspace, with the token, which that node will show to us. Proving the
 * address before makes up for a node that does not speak for its domain.
 */
export async function handOver(
  context: Context,
  { token, node: typed, proof }: HandingOver,
): Promise<{ node: NodeId; url: string }> {
  const row = await openLink(context, token)
  const node = normaliseTypedDomain(typed)
  if (!node.ok || node.value === context.node) throw new Refusal('not-a-workspace', { reason: 'name' })
  if (proof) {
    await prove(context, proof, addressOf(row))
    await context.db.transaction().execute(async (tx) => {
      await confirmMailLink(tx, (await holdLink(context, tx, token)).jti, context.clock.now())
    })
  }
  return { node: node.value, url: `${pageOf(context, node.value)}/#claim=${context.node}/${token}` }
}

/** Where browsers find another workspace: at its domain, or in development at the port of its process. */
export function pageOf({ config }: Context, node: NodeId): string {
  const mapped = config.developmentPeers?.get(node)
  return mapped ? `http://${node}:${mapped.port}` : `https://${node}`
}

/** The inviter says that who claims an invitation is who they meant. */
export async function confirmClaim(
  context: Context,
  actor: Actor,
  { spaceId, inviteId }: { readonly spaceId: SpaceId; readonly inviteId: InviteId },
): Promise<{ status: 'open' }> {
  const space = await hostedSpace(context, actor, spaceId)
  const row = await findMailLink(context.db, inviteId)
  const isTheirs = row?.spaceId === space.id && row.inviter === actor.userId
  if (!isTheirs || row.claimedBy === null || row.status !== 'open') throw new Refusal('not-found')
  const claim = { jti: row.jti, user: row.claimedBy, isAdmin: isAdmin(actor) }
  await adoptInvitation(context, claim, async (tx) => {
    const held = await holdInvite(tx, row.jti)
    if (held?.status !== 'open' || held.node !== null) throw new Refusal('invite-used')
    return held
  })
  return { status: 'open' }
}
