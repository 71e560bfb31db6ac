import { readTypedEmail } from '#schema/email.ts'
import type { Invitee } from '#schema/invitation.ts'
import { type NodeId, nodeOf, partsOfAddress, type UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { isContact } from '#server/db/contacts.ts'
import type { Addressee } from '#server/policy/inviting.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'

/**
 * Whom an invitee names. Somebody picked by id is a contact of the inviter; everybody else is addressed in full, and
 * nothing is looked up, so that the answer is the same whether or not they exist.
 */
export async function addresseeFor(
  context: Context,
  actor: Actor,
  { to, mailNode }: { readonly to: Invitee; readonly mailNode: NodeId | null },
): Promise<Addressee> {
  if ('user' in to) return await addresseeOf(context, actor, to.user)
  if ('email' in to) return addresseeAt(to.email, mailNode)
  const { handle, node } = partsOfAddress(to.address)
  return { kind: 'handle', text: handle, node }
}

/** `node` speaks for the domain of the address; without one, a letter goes there. */
function addresseeAt(typed: string, node: NodeId | null): Addressee {
  const email = readTypedEmail(typed)
  if (email === undefined) throw new Refusal('invalid-address')
  return { kind: 'email', text: email, node }
}

async function addresseeOf(context: Context, actor: Actor, user: UserId): Promise<Addressee> {
  if (!(await isContact(context.db, actor.userId, user))) throw new Refusal('not-found')
  return { kind: 'user', text: user, node: nodeOf(user) }
}
