import type { SpaceCreate } from '#schema/event/space-create.ts'
import { inviteKind } from '#federation/invite.ts'
import { readDocument } from '#federation/document.ts'
import { nodeOf } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { isContact } from '#server/db/contacts.ts'
import { getInvitationSettings } from '#server/db/invitation-settings.ts'
import { findCrossing, listOpenDirect } from '#server/db/direct-invites.ts'
import { holdInvite, type InviteRow } from '#server/db/invites.ts'
import { queueAnswer } from '#server/policy/answer.ts'

// Invitations into direct conversations that are answered without asking (A16): of a contact, unless the invitee wants
// to be asked; and where two persons have written to each other at the same time.

type Answer = { readonly answer: 'accept' | 'decline'; readonly reason?: 'crossed' }

export async function answerDirect(context: Context): Promise<void> {
  for (const row of await listOpenDirect(context.db, context.node, context.clock.now())) {
    const answer = await answerTo(context, row)
    if (!answer) continue
    await context.db.transaction().execute(async (tx) => {
      const held = await holdInvite(tx, row.jti)
      if (held?.status === 'open') await queueAnswer(context, tx, held, answer)
    })
    context.wake.signal('control')
  }
}

/** Undefined: the invitee is asked. */
async function answerTo(context: Context, row: InviteRow): Promise<Answer | undefined> {
  const { db, node: ours } = context
  const { userId: user, inviter, host } = row
  if (user === null) return undefined
  const crossing = isForTwo(row)
    ? await findCrossing(db, { host: ours, inviter: user, invitee: inviter })
    : undefined
  // Each of the two has said yes by writing. The host whose id sorts lower keeps the conversation.
  if (crossing) return host < ours ? { answer: 'accept' } : { answer: 'decline', reason: 'crossed' }
  const { confirmDirect } = await getInvitationSettings(db, user)
  const isKnown = nodeOf(inviter) === ours || (await isContact(db, user, inviter))
  return isKnown && !confirmDirect ? { answer: 'accept' } : undefined
}

function isForTwo({ jws }: InviteRow): boolean {
  const letter = readDocument(jws, inviteKind)
  if (!letter.ok) return false
  // It was verified when it came.
  const { size } = JSON.parse(letter.value.payload.genesis.event.content ?? '{}') as Partial<SpaceCreate>
  return size === 2
}
