import type { Me, SessionToken } from '#schema/api/accounts.ts'
import type { AuthenticationResponse } from '#schema/api/passkeys.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { getAccount } from '#server/db/accounts.ts'
import { findPasskey, notePasskeyUse } from '#server/db/passkeys.ts'
import { readAuthentication } from '#server/ports/passkeys.ts'
import { Refusal } from '#server/refusal.ts'
import { newChallenge, siteOf, usedChallenge } from './passkeys.ts'
import { openSession, viewMe } from './sessions.ts'

/** For everybody alike: which passkey is shown, and so who it is, is chosen in the browser. */
export async function beginPasskeySession(context: Context): Promise<Record<string, unknown>> {
  return {
    challenge: await newChallenge(context, null),
    rpId: siteOf(context).domain,
    timeout: limits.passkeyChallengeLifeMs,
    userVerification: 'required',
  }
}

export async function signInWithPasskey(
  context: Context,
  { response, device }: { readonly response: AuthenticationResponse; readonly device?: string | undefined },
): Promise<SessionToken & { user: Me }> {
  const challenge = await usedChallenge(context, response.response.clientDataJSON, null)
  const passkey = await findPasskey(context.db, response.id)
  if (!passkey) throw new Refusal('passkey-refused')
  const reading = readAuthentication(response, challenge, siteOf(context), passkey)
  const counter = await context.activity.track(reading)
  const account = await getAccount(context.db, passkey.userId)
  if (counter === undefined || account.status !== 'active') throw new Refusal('passkey-refused')
  const session = await context.db.transaction().execute(async (tx) => {
    const at = context.clock.now()
    if (!(await notePasskeyUse(tx, passkey, { counter, at }))) throw new Refusal('passkey-refused')
    return await openSession(context, tx, account.userId, device)
  })
  return { ...session, user: viewMe(context, account) }
}
