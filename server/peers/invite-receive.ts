import { hashHeader } from '#federation/event.ts'
import { faultOfInvite, inviteKind, readGenesis } from '#federation/invite.ts'
import { checkpointKind } from '#federation/log-documents.ts'
import type { NodeId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { findUserByHandle } from '#server/db/accounts.ts'
import { insertInvite, renewInvite } from '#server/db/invites.ts'
import { Refusal } from '#server/refusal.ts'
import { learnIdentity } from './identities.ts'
import { expectSigned } from './signed.ts'

/**
 * Receives a letter. The answer is the same whether or not the invitee exists, so that nobody learns from it who
 * works here; a letter for nobody is dropped.
 */
export async function receiveInvite(
  context: Context,
  host: NodeId,
  text: string,
): Promise<{ status: 'received' }> {
  const { payload: invite } = await expectSigned(context, host, text, inviteKind)
  const now = context.clock.now()
  const fault = faultOfInvite(invite, Math.floor(now / 1000))
  if (fault) throw new Refusal(fault.code, { detail: fault.detail ?? 'invite' })
  const { payload: checkpoint } = await expectSigned(context, host, invite.genesis.checkpoint, checkpointKind)
  const genesis = readGenesis(invite, checkpoint)
  if (!genesis.ok) throw new Refusal(genesis.code, { detail: genesis.detail ?? 'genesis' })
  const inviter = await learnIdentity(context, invite.inviter)
  if (!inviter.ok) throw new Refusal(inviter.code, { detail: 'inviter' })
  const user = await findUserByHandle(context.db, invite.invitee.handle)
  if (user === undefined) return { status: 'received' }
  await context.db.transaction().execute(async (tx) => {
    const isNew = await insertInvite(tx, {
      jti: invite.jti,
      spaceId: invite.space,
      host,
      node: context.node,
      inviter: inviter.value.sub,
      invitee: invite.invitee.handle,
      userId: user,
      role: invite.role,
      history: invite.history,
      kind: invite.kind,
      title: genesis.value.settings.title ?? null,
      genesisHash: hashHeader(invite.genesis.event.header),
      roster: JSON.stringify(invite.roster),
      jws: text,
      status: 'open',
      expiresAt: invite.exp * 1000,
      createdAt: now,
    })
    const roster = JSON.stringify(invite.roster)
    if (!isNew) await renewInvite(tx, { jti: invite.jti, spaceId: invite.space, host, roster, jws: text })
  })
  return { status: 'received' }
}
