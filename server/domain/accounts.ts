import type { Me, SessionToken } from '#schema/api/accounts.ts'
import type { Handle } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { findAccount, insertAccount } from '#server/db/accounts.ts'
import { isEnrolmentOpen, useEnrolment } from '#server/db/enrolments.ts'
import { insertUser } from '#server/db/users.ts'
import { newUserId } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { hashPassword } from './passwords.ts'
import { openSession, viewMe } from './sessions.ts'
import { hashToken } from './tokens.ts'

type SignUp = {
  readonly token: string
  readonly handle: Handle
  readonly name: string
  readonly password: string
  readonly device?: string | undefined
}

/** Uses up a one-time link: user, account, first identity version and session begin in one transaction. */
export async function createAccount(
  context: Context,
  input: SignUp,
): Promise<{ user: Me; session: SessionToken }> {
  const { handle, name } = input
  const now = context.clock.now()
  const tokenHash = hashToken(input.token)
  // Asked before the password is hashed, so that nobody without a link makes us work.
  if (!(await isEnrolmentOpen(context.db, tokenHash, now))) throw new Refusal('link-invalid')
  if (Array.from(input.password).length < limits.passwordCharactersMin) throw new Refusal('weak-password')
  if (await findAccount(context.db, handle)) throw new Refusal('handle-taken')
  const password = await hashPassword(context, input.password)
  const userId = newUserId(context.random, context.node)
  return await context.db.transaction().execute(async (tx) => {
    const used = await useEnrolment(tx, { tokenHash, usedBy: userId, now })
    if (!used) throw new Refusal('link-invalid')
    const { role, email } = used
    await insertUser(tx, { id: userId, node: context.node, name, identityVersion: 1 })
    const isNew = await insertAccount(tx, {
      userId,
      handle,
      password,
      role,
      createdAt: now,
      email,
      lastUsedAt: now,
    })
    if (!isNew) throw new Refusal((await findAccount(tx, handle)) ? 'handle-taken' : 'email-taken')
    const session = await openSession(context, tx, userId, input.device)
    const profile = { title: null, timeZone: null, statusText: null }
    return { user: viewMe(context, { userId, handle, name, role, ...profile }), session }
  })
}
