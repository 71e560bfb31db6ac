import { limits } from '#schema/limits.ts'
import { readTypedEmail } from '#schema/email.ts'
import type { Context } from '#server/context.ts'
import { findAccountByEmail, hasAccounts } from '#server/db/accounts.ts'
import { deleteOpenOwnerEnrolments, insertEnrolment } from '#server/db/enrolments.ts'
import type { Tx } from '#server/db/open.ts'
import type { Tables } from '#server/db/tables.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'
import { enrolmentMail } from '#server/mail/texts.ts'
import { queueMail } from '#server/mail/outbox.ts'
import { newToken } from './tokens.ts'

/** A one-time link for a new account, as it is shown once. */
export type Enrolment = { readonly link: string; readonly token: string; readonly expiresAt: number }

/** A link for a new member; mailed, when there is an address, which becomes theirs by using it. */
export async function inviteMember(
  context: Context,
  actor: Actor,
  input: { readonly email?: string | undefined } = {},
): Promise<Enrolment> {
  const email = input.email === undefined ? null : readTypedEmail(input.email)
  if (email === undefined) throw new Refusal('invalid-address')
  const made = await context.db.transaction().execute(async (tx) => {
    if (email !== null && (await findAccountByEmail(tx, email))) throw new Refusal('email-taken')
    const enrolment = await openEnrolment(context, tx, { role: 'member', createdBy: actor.userId, email })
    if (email !== null) {
      const mail = enrolmentMail(context, enrolment.link)
      await queueMail(context, tx, {
        ...mail,
        kind: 'enrolment',
        address: email,
        expiresAt: enrolment.expiresAt,
      })
    }
    return enrolment
  })
  context.wake.signal('mail')
  return made
}

/** A link for an owner, in place of earlier ones that nobody used: we keep hashes and cannot show those again. */
export async function inviteOwner(context: Context): Promise<Enrolment> {
  return await context.db.transaction().execute(async (tx) => {
    await deleteOpenOwnerEnrolments(tx)
    return await openEnrolment(context, tx, { role: 'owner', createdBy: null, email: null })
  })
}

/** The way into a workspace that nobody is in yet; undefined for every other. */
export async function inviteFirstOwner(context: Context): Promise<Enrolment | undefined> {
  return (await hasAccounts(context.db)) ? undefined : await inviteOwner(context)
}

async function openEnrolment(
  context: Context,
  tx: Tx,
  { role, createdBy, email }: Pick<Tables['enrolment'], 'role' | 'createdBy' | 'email'>,
): Promise<Enrolment> {
  const { token, tokenHash } = newToken(context.random)
  const createdAt = context.clock.now()
  const expiresAt = createdAt + limits.enrolmentLifeMs
  await insertEnrolment(tx, { tokenHash, role, createdBy, createdAt, expiresAt, usedBy: null, email })
  // Behind the number sign, so that no server and no proxy on the way writes it into its log.
  return { link: `${context.config.publicUrl.origin}/#join=${token}`, token, expiresAt }
}
