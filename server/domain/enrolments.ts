import { limits } from '#schema/limits.ts'
import type { UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { hasAccounts } from '#server/db/accounts.ts'
import { deleteOpenOwnerEnrolments, insertEnrolment } from '#server/db/enrolments.ts'
import type { Tx } from '#server/db/open.ts'
import type { Actor } from './actor.ts'
import { newToken } from './tokens.ts'

/** A one-time link for a new account, as it is shown once. */
export type Enrolment = { readonly link: string; readonly token: string; readonly expiresAt: number }

/** A link for a new member. */
export async function inviteMember(context: Context, actor: Actor): Promise<Enrolment> {
  return await context.db
    .transaction()
    .execute(async (tx) => await openEnrolment(context, tx, { role: 'member', createdBy: actor.userId }))
}

/** A link for an owner, in place of earlier ones that nobody used: we keep hashes and cannot show those again. */
export async function inviteOwner(context: Context): Promise<Enrolment> {
  return await context.db.transaction().execute(async (tx) => {
    await deleteOpenOwnerEnrolments(tx)
    return await openEnrolment(context, tx, { role: 'owner', createdBy: null })
  })
}

/** The way into a workspace that nobody is in yet; undefined for every other. */
export async function inviteFirstOwner(context: Context): Promise<Enrolment | undefined> {
  return (await hasAccounts(context.db)) ? undefined : await inviteOwner(context)
}

async function openEnrolment(
  context: Context,
  tx: Tx,
  { role, createdBy }: { readonly role: 'owner' | 'member'; readonly createdBy: UserId | null },
): Promise<Enrolment> {
  const { token, tokenHash } = newToken(context.random)
  const createdAt = context.clock.now()
  const expiresAt = createdAt + limits.enrolmentLifeMs
  await insertEnrolment(tx, { tokenHash, role, createdBy, createdAt, expiresAt, usedBy: null })
  // Behind the number sign, so that no server and no proxy on the way writes it into its log.
  return { link: `${context.config.publicUrl.origin}/#join=${token}`, token, expiresAt }
}
