import type { InviteId, UserId } from '#schema/ids.ts'
import { nodeOf } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { adoptInvite, findInvite, type InviteRow, setInviteStatus } from '#server/db/invites.ts'
import { deleteMailLink } from '#server/db/mail-links.ts'
import { isMember } from '#server/db/members.ts'
import { alone, type Tx } from '#server/db/open.ts'
import { findSpace } from '#server/db/spaces.ts'
import { Refusal } from '#server/refusal.ts'
import { enterInvite } from './enter.ts'
import { judgeInvite } from './inviting.ts'
import { recordDecision } from './record.ts'

/**
 * An invitation to an address becomes one to somebody of another workspace (C2): by name, like any other, and judged
 * like any other, because their company comes along. `hold` finds the invitation held, in the transaction that changes
 * it, so that a link is used up once.
 */
export async function adoptInvitation(
  context: Context,
  { jti, user, isAdmin }: { readonly jti: InviteId; readonly user: UserId; readonly isAdmin: boolean },
  hold: (tx: Tx) => Promise<InviteRow>,
): Promise<void> {
  const row = await findInvite(context.db, jti)
  const space = row && (await findSpace(context.db, row.spaceId))
  if (!row || !space) throw new Refusal('link-invalid')
  if (await isMember(context.db, space.id, user)) throw new Refusal('already-member')
  const to = { kind: 'user', text: user, node: nodeOf(user) } as const
  const { role, history } = row
  const { facts, decided } = await judgeInvite(context, { space, isAdmin, to, role, history })
  const status = decided.verdict === 'approval' ? 'approval' : 'open'
  await context.db.transaction().execute(async (tx) => {
    const about = { actor: row.inviter, peer: to.node, space: space.id }
    await recordDecision(context, tx, { kind: 'invite', facts, decided, about })
    if (decided.verdict === 'refused') return
    const held = await hold(tx)
    await adoptInvite(tx, held.jti, { node: to.node, invitee: user, status, rule: decided.rule })
    await deleteMailLink(tx, held.jti)
  })
  if (decided.verdict === 'refused') throw new Refusal('policy-forbids', { rule: decided.rule })
  if (status === 'open') await enter(context, jti)
  context.wake.signal('control')
}

/** The wish is its inviter's, who may have lost the right to it since. */
async function enter(context: Context, jti: InviteId): Promise<void> {
  const row = await findInvite(context.db, jti)
  if (!row) return
  const settled = await enterInvite(context, row)
  if (settled.status !== 'refused' || settled.code === 'already-invited') return
  await setInviteStatus(alone(context.db), jti, 'refused')
  throw new Refusal('invite-revoked')
}
