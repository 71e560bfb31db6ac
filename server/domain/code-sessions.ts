import type { Me, SessionToken } from '#schema/api/accounts.ts'
import type { Challenge } from '#schema/api/codes.ts'
import { type Email, readTypedEmail } from '#schema/email.ts'
import type { Context } from '#server/context.ts'
import { findAccountByEmail, getAccount, setEmail } from '#server/db/accounts.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'
import { type Proof, provenAddress, sendCode } from './codes.ts'
import { openSession, viewMe } from './sessions.ts'

// What a proved address is good for: it signs in, and it becomes the address of an account.

export async function signInWithCode(
  context: Context,
  proof: Proof & { readonly device?: string | undefined },
): Promise<SessionToken & { user: Me }> {
  const account = await findAccountByEmail(context.db, await provenAddress(context, proof))
  if (account?.status !== 'active') throw new Refusal('wrong-code')
  const session = await context.db
    .transaction()
    .execute(async (tx) => await openSession(context, tx, account.userId, proof.device))
  return { ...session, user: viewMe(context, account) }
}

export async function getEmail(context: Context, actor: Actor): Promise<{ email: Email | null }> {
  return { email: (await getAccount(context.db, actor.userId)).email }
}

/** Mailed to whatever address, so that nobody learns here which have accounts. */
export async function requestEmailCode(
  context: Context,
  _actor: Actor,
  input: { readonly email: string },
): Promise<Challenge> {
  const email = readTypedEmail(input.email)
  if (email === undefined) throw new Refusal('invalid-address')
  return await sendCode(context, email, true)
}

export async function confirmEmail(context: Context, actor: Actor, proof: Proof): Promise<{ email: Email }> {
  const email = await provenAddress(context, proof)
  await context.db.transaction().execute(async (tx) => {
    if (!(await setEmail(tx, actor.userId, email))) throw new Refusal('email-taken')
  })
  return { email }
}
