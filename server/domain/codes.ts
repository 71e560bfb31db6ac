import type { Challenge } from '#schema/api/codes.ts'
import { type Email, readTypedEmail } from '#schema/email.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { findAccountByEmail } from '#server/db/accounts.ts'
import { countMailedCodes, deleteCodesBefore, insertCode, takeAttempt, useCode } from '#server/db/codes.ts'
import { alone } from '#server/db/open.ts'
import { codeMail } from '#server/mail/texts.ts'
import { queueMail } from '#server/mail/outbox.ts'
import type { Random } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { hashToken, newToken } from './tokens.ts'

// Six digits, mailed, that show that an address is somebody's. Whoever asks is given a challenge, and the code opens
// something only together with it: a code that is read over a shoulder or out of a mailbox is worth nothing elsewhere,
// and nobody can use up the attempts of somebody else.

const hourMs = 60 * 60 * 1000

export type Proof = { readonly challenge: string; readonly code: string }

/** For signing in. Whether or not the address has an account, the answer and the work are the same. */
export async function requestCode(context: Context, input: { readonly email: string }): Promise<Challenge> {
  const email = readTypedEmail(input.email)
  if (email === undefined) throw new Refusal('invalid-address')
  const account = await findAccountByEmail(context.db, email)
  return await sendCode(context, email, account?.status === 'active')
}

/** Mails a code, unless `isWanted` is false or the address has had its share for this hour. */
export async function sendCode(context: Context, email: Email, isWanted: boolean): Promise<Challenge> {
  const { token: challenge, tokenHash: challengeHash } = newToken(context.random)
  const code = newCode(context.random)
  const createdAt = context.clock.now()
  const expiresAt = createdAt + limits.codeLifeMs
  await context.db.transaction().execute(async (tx) => {
    const mailed = await countMailedCodes(tx, email, createdAt - hourMs)
    const isMailed = isWanted && mailed < limits.codesPerAddressPerHourMax
    const codeHash = hashOf({ challenge, code })
    await insertCode(tx, { challengeHash, email, codeHash, isMailed, createdAt, expiresAt })
    const mail = { ...codeMail(context, code), kind: 'code', address: email } as const
    // Written in either case, or the time that the answer takes would tell who has an account.
    await queueMail(context, tx, { ...mail, expiresAt }, isMailed)
  })
  context.wake.signal('mail')
  return { challenge, expiresAt }
}

/** The address that a code shows to be theirs. Right or wrong, an attempt is used up before the code is looked at. */
export async function provenAddress(context: Context, proof: Proof): Promise<Email> {
  const now = context.clock.now()
  const challengeHash = hashToken(proof.challenge)
  const { codeAttemptsMax: attemptsMax } = limits
  const row = await context.db
    .transaction()
    .execute(async (tx) => await takeAttempt(tx, challengeHash, { now, attemptsMax }))
  if (row?.codeHash !== hashOf(proof)) throw new Refusal('wrong-code')
  const isFirst = await useCode(alone(context.db), challengeHash, now)
  if (!isFirst) throw new Refusal('wrong-code')
  return row.email
}

/** Without the challenge, which is stored nowhere, six digits cannot be guessed back from this. */
function hashOf({ challenge, code }: Proof): string {
  return hashToken(`${challenge}.${code}`)
}

function newCode(random: Random): string {
  const number = Buffer.from(random.bytes(6)).readUIntBE(0, 6) % 10 ** limits.codeDigits
  return String(number).padStart(limits.codeDigits, '0')
}

export async function sweepCodes(context: Context): Promise<void> {
  const before = context.clock.now() - hourMs
  await deleteCodesBefore(alone(context.db), before)
}
