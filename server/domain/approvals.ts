import type { Approval } from '#schema/api/approvals.ts'
import type { InviteId, NodeId, SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { insertAudit } from '#server/db/audit.ts'
import {
  decideInvite,
  findInvite,
  holdInvite,
  type InviteRow,
  listForApproval,
  setInviteStatus,
} from '#server/db/invites.ts'
import { alone, type Tx } from '#server/db/open.ts'
import { findPeer } from '#server/db/peers.ts'
import { enterInvite } from '#server/policy/enter.ts'
import { queueLetter } from '#server/policy/inviting.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'
import { nameInvitee } from './invitation-views.ts'
import { decideHold, listHeld } from './holds.ts'
import { viewPeople, viewpointOf } from './people.ts'

// What waits for an administrator: invitations of our people, letters to our people, companies that arrived in spaces
// that others host.

export async function listApprovals(context: Context, actor: Actor): Promise<{ approvals: Approval[] }> {
  const rows = await listForApproval(context.db, context.clock.now())
  const invitations = await Promise.all(rows.map(async (row) => await viewApproval(context, actor, row)))
  const held = await listHeld(context)
  return { approvals: [...invitations, ...held].toSorted((a, b) => a.since - b.since) }
}

async function viewApproval(context: Context, actor: Actor, row: InviteRow): Promise<Approval> {
  const isOurs = row.host === context.node
  const other = isOurs ? row.node : row.host
  const peer = other === null ? undefined : await findPeer(context.db, other)
  const people = await viewPeople(context, viewpointOf(actor), [row.inviter])
  return {
    what: isOurs ? 'outgoing' : 'incoming',
    id: row.jti,
    space: row.spaceId,
    kind: row.kind,
    title: row.title,
    host: row.host,
    inviter: people.get(row.inviter)!,
    invitee: await nameInvitee(context, row),
    node: other,
    isNewPartner: other !== null && !peer?.approved,
    role: row.role,
    history: row.history,
    roster: JSON.parse(row.roster) as NodeId[],
    rule: row.rule ?? '',
    since: row.createdAt,
    expiresAt: row.expiresAt,
  }
}

/** The company that approving this would make a partner; undefined when it is one, or there is none. */
export async function findUnapproved(context: Context, id: InviteId | SpaceId): Promise<NodeId | undefined> {
  const row = await findInvite(context.db, id as InviteId)
  const other = row?.host === context.node ? row.node : row?.host
  if (row?.status !== 'approval' || other === undefined || other === null) return undefined
  return (await findPeer(context.db, other))?.approved ? undefined : other
}

type Deciding = { readonly approvalId: InviteId | SpaceId; readonly yes: boolean }

export async function decideApproval(
  context: Context,
  actor: Actor,
  { approvalId, yes }: Deciding,
): Promise<{ approvals: Approval[] }> {
  if (approvalId.startsWith('s_')) await decideHold(context, actor, approvalId as SpaceId, yes)
  else await decideInvitation(context, actor, approvalId as InviteId, yes)
  context.wake.signal('control')
  context.wake.signal('invitations')
  return await listApprovals(context, actor)
}

async function decideInvitation(context: Context, actor: Actor, jti: InviteId, yes: boolean): Promise<void> {
  const row = await context.db.transaction().execute(async (tx) => {
    const held = await holdInvite(tx, jti)
    if (held?.status !== 'approval') throw new Refusal('not-found')
    if (held.expiresAt <= context.clock.now()) throw new Refusal('invite-expired')
    await decideInvite(tx, jti, { status: yes ? 'open' : 'refused', decidedBy: actor.userId })
    await audit(context, tx, actor, { act: yes ? 'invite.approve' : 'invite.refuse', subject: jti })
    // A person without a company stands in no log, so nothing else would write to them.
    if (yes && held.host === context.node && held.node === null) await queueLetter(context, tx, held)
    return held
  })
  if (!yes || row.host !== context.node || row.node === null) return
  // The wish is its inviter's, who may have lost the right to it while it waited.
  const settled = await enterInvite(context, row)
  if (settled.status !== 'refused' || settled.code === 'already-invited') return
  await setInviteStatus(alone(context.db), jti, 'refused')
  throw new Refusal(settled.code)
}

async function audit(
  context: Context,
  tx: Tx,
  actor: Actor,
  { act, subject }: { readonly act: string; readonly subject: string },
): Promise<void> {
  const id = newUuid(context.clock, context.random)
  await insertAudit(tx, { id, at: context.clock.now(), actor: actor.userId, act, subject })
}
