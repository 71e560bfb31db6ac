import type { Invitee } from '#schema/invitation.ts'
import { nodeOf, partsOfAddress, type UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { isContact } from '#server/db/contacts.ts'
import type { Addressee } from '#server/policy/inviting.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'

/**
 * Whom an invitee names. Somebody picked by id is a contact of the inviter; everybody else is addressed in full, and
 * nothing is looked up, so that the answer is the same whether or not they exist.
 */
export async function addresseeFor(context: Context, actor: Actor, to: Invitee): Promise<Addressee> {
  if ('user' in to) return await addresseeOf(context, actor, to.user)
  if ('email' in to) throw new Refusal('invalid-address')
  const { handle, node } = partsOfAddress(to.address)
  return { kind: 'handle', text: handle, node }
}

async function addresseeOf(context: Context, actor: Actor, user: UserId): Promise<Addressee> {
  if (!(await isContact(context.db, actor.userId, user))) throw new Refusal('not-a-contact')
  return { kind: 'user', text: user, node: nodeOf(user) }
}
