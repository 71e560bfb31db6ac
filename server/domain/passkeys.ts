import type { Passkey, RegistrationResponse } from '#schema/api/passkeys.ts'
import type { UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { getAccount } from '#server/db/accounts.ts'
import { alone } from '#server/db/open.ts'
import {
  deleteExpiredPasskeyChallenges,
  deletePasskey,
  insertPasskey,
  insertPasskeyChallenge,
  listPasskeys as listRows,
  type PasskeyRow,
  takePasskeyChallenge,
} from '#server/db/passkeys.ts'
import { algorithms, challengeIn, readRegistration, type Site } from '#server/ports/passkeys.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'
import { hashToken, newToken } from './tokens.ts'

/** What a browser needs to make a passkey for this account. */
export async function beginPasskey(context: Context, actor: Actor): Promise<Record<string, unknown>> {
  const challenge = await newChallenge(context, actor.userId)
  const account = await getAccount(context.db, actor.userId)
  const known = await listRows(context.db, actor.userId)
  if (known.length >= limits.passkeysPerAccountMax) throw new Refusal('too-many-passkeys')
  return {
    rp: { id: siteOf(context).domain, name: context.config.organisation ?? context.node },
    user: {
      // At most 64 bytes, which a user id with a long domain is not.
      id: hashToken(actor.userId),
      name: account.handle ?? account.email ?? account.name,
      displayName: account.name,
    },
    challenge,
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
    timeout: limits.passkeyChallengeLifeMs,
    excludeCredentials: known.map(({ id, transports }) => ({
      type: 'public-key',
      id,
      transports: JSON.parse(transports) as string[],
    })),
    authenticatorSelection: {
      residentKey: 'required',
      requireResidentKey: true,
      userVerification: 'required',
    },
    attestation: 'none',
  }
}

export async function addPasskey(
  context: Context,
  actor: Actor,
  { name, response }: { readonly name: string; readonly response: RegistrationResponse },
): Promise<Passkey> {
  const challenge = await usedChallenge(context, response.response.clientDataJSON, actor.userId)
  const reading = readRegistration(response, challenge, siteOf(context))
  const credential = await context.activity.track(reading)
  if (!credential) throw new Refusal('passkey-refused')
  const row: PasskeyRow = {
    ...credential,
    userId: actor.userId,
    transports: JSON.stringify(response.response.transports ?? []),
    name,
    createdAt: context.clock.now(),
    lastUsedAt: null,
  }
  await context.db.transaction().execute(async (tx) => {
    const known = await listRows(tx, actor.userId)
    if (known.length >= limits.passkeysPerAccountMax) throw new Refusal('too-many-passkeys')
    if (!(await insertPasskey(tx, row))) throw new Refusal('passkey-refused')
  })
  return viewPasskey(row)
}

export async function listPasskeys(context: Context, actor: Actor): Promise<{ passkeys: Passkey[] }> {
  return { passkeys: (await listRows(context.db, actor.userId)).map(viewPasskey) }
}

export async function removePasskey(context: Context, actor: Actor, id: string): Promise<void> {
  const isRemoved = await context.db
    .transaction()
    .execute(async (tx) => await deletePasskey(tx, actor.userId, id))
  if (!isRemoved) throw new Refusal('not-found')
}

function viewPasskey({ id, name, createdAt, lastUsedAt }: PasskeyRow): Passkey {
  return { id, name, createdAt, lastUsedAt }
}

/** Of a user who is signed in, or of nobody yet. Only its hash is kept. */
export async function newChallenge(context: Context, userId: UserId | null): Promise<string> {
  const { token, tokenHash: hash } = newToken(context.random)
  const expiresAt = context.clock.now() + limits.passkeyChallengeLifeMs
  await context.db
    .transaction()
    .execute(async (tx) => await insertPasskeyChallenge(tx, { hash, userId, expiresAt }))
  return token
}

/** The challenge that a response answers, used up by it whatever else is wrong with the response. */
export async function usedChallenge(
  context: Context,
  clientDataJson: string,
  user: UserId | null,
): Promise<string> {
  const challenge = challengeIn(clientDataJson)
  if (challenge === undefined) throw new Refusal('passkey-refused')
  const taken = await context.db
    .transaction()
    .execute(async (tx) => await takePasskeyChallenge(tx, hashToken(challenge), context.clock.now()))
  if (!taken || taken.userId !== user) throw new Refusal('passkey-refused')
  return challenge
}

export function siteOf({ config }: Context): Site {
  return { origin: config.publicUrl.origin, domain: config.publicUrl.hostname }
}

export async function sweepPasskeyChallenges(context: Context): Promise<void> {
  const now = context.clock.now()
  await deleteExpiredPasskeyChallenges(alone(context.db), now)
}
