import type { InviteId } from '#schema/ids.ts'
import type { Invitation } from '#schema/invitation.ts'
import type { Context } from '#server/context.ts'
import { holdInvite, listInvitesFor } from '#server/db/invites.ts'
import { queueAnswer } from '#server/policy/answer.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'
import { viewInvitation } from './invitation-views.ts'

export async function listInvitations(
  context: Context,
  actor: Actor,
): Promise<{ invitations: Invitation[] }> {
  const rows = await listInvitesFor(context.db, actor.userId, context.clock.now())
  return {
    invitations: await Promise.all(rows.map(async (row) => await viewInvitation(context, actor, row))),
  }
}

/** Answers an invitation. The signed answer is stored with it, and the control lane brings it to the host. */
export async function answerInvitation(
  context: Context,
  actor: Actor,
  { inviteId, answer }: { readonly inviteId: InviteId; readonly answer: 'accept' | 'decline' },
): Promise<Invitation> {
  const now = context.clock.now()
  const answered = await context.db.transaction().execute(async (tx) => {
    const row = await holdInvite(tx, inviteId)
    if (!row || row.userId !== actor.userId || row.host === context.node) throw new Refusal('not-found')
    // Nobody is told of what an administrator has not approved.
    if (row.status === 'approval' || row.status === 'refused') throw new Refusal('not-found')
    if (row.status === (answer === 'accept' ? 'accepted' : 'declined')) return row
    if (row.status === 'revoked') throw new Refusal('invite-revoked')
    if (row.expiresAt <= now && row.status !== 'joined') throw new Refusal('invite-expired')
    if (row.status !== 'open') throw new Refusal('invite-used')
    return await queueAnswer(context, tx, row, { answer })
  })
  context.wake.signal('control')
  return await viewInvitation(context, actor, answered)
}
