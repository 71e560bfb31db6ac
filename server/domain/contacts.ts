import type { Contact, InvitationSettings } from '#schema/api/contacts.ts'
import type { UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import * as contacts from '#server/db/contacts.ts'
import * as settings from '#server/db/invitation-settings.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'
import { viewPeople, viewpointOf } from './people.ts'

/** Whom one may add by name: colleagues and contacts whose name begins like the query, and nobody else. */
export async function listContacts(
  context: Context,
  actor: Actor,
  page: { readonly query: string; readonly limit: number },
): Promise<{ contacts: Contact[] }> {
  const of = { user: actor.userId, node: context.node, seesColleagues: actor.role !== 'guest' }
  const rows = await contacts.findContacts(context.db, of, page)
  const people = await viewPeople(
    context,
    viewpointOf(actor),
    rows.map(({ userId }) => userId),
  )
  return {
    contacts: rows.map(({ userId, handle, isPinned }) => ({
      person: people.get(userId)!,
      handle,
      isPinned,
    })),
  }
}

/** Keeps somebody who is a contact now. Whoever is not is refused like somebody who does not exist. */
export async function pinContact(context: Context, actor: Actor, user: UserId): Promise<Contact> {
  if (user === actor.userId || !(await contacts.isContact(context.db, actor.userId, user))) {
    throw new Refusal('not-found')
  }
  const since = context.clock.now()
  await context.db
    .transaction()
    .execute(async (tx) => await contacts.pinContact(tx, actor.userId, user, since))
  const people = await viewPeople(context, viewpointOf(actor), [user])
  return { person: people.get(user)!, handle: null, isPinned: true }
}

export async function unpinContact(
  context: Context,
  actor: Actor,
  user: UserId,
): Promise<Record<string, never>> {
  const isGone = await context.db
    .transaction()
    .execute(async (tx) => await contacts.deleteContact(tx, actor.userId, user))
  if (!isGone) throw new Refusal('not-found')
  return {}
}

export async function getInvitationSettings(context: Context, actor: Actor): Promise<InvitationSettings> {
  return await settings.getInvitationSettings(context.db, actor.userId)
}

export async function putInvitationSettings(
  context: Context,
  actor: Actor,
  chosen: InvitationSettings,
): Promise<InvitationSettings> {
  await context.db
    .transaction()
    .execute(async (tx) => await settings.putInvitationSettings(tx, actor.userId, chosen))
  return chosen
}
