import { readIdentity, verifyIdentity } from '#federation/identity.ts'
import { accept, type Outcome, refuse } from '#federation/outcome.ts'
import type { UserId } from '#schema/ids.ts'
import type { Identity } from '#schema/wire/identity.ts'
import type { Context } from '#server/context.ts'
import { findIdentity, putIdentity } from '#server/db/identities.ts'
import { peerKey } from './discover.ts'

/**
 * Takes in a document in which another node vouches for its user. What is known or older changes nothing, and is
 * told apart before any signature is checked, since hosts relay the same documents again and again.
 */
export async function learnIdentity(context: Context, text: string): Promise<Outcome<Identity>> {
  const document = readIdentity(text)
  if (!document.ok) return document
  const { sub, iss, ver, exp } = document.value.payload
  if (iss === context.node) return refuse('no-right', 'own-user')
  const known = await findIdentity(context.db, sub)
  if (known && known.version === ver && known.expiresAt >= exp * 1000) {
    const held = readIdentity(known.jws)
    if (held.ok) return accept(held.value.payload)
  }
  const key = await peerKey(context, iss, document.value.jws.header.kid)
  if (!key.ok) return key
  const held = known && readIdentity(known.jws)
  const verified = verifyIdentity(document.value, {
    key: key.value,
    nowSeconds: Math.floor(context.clock.now() / 1000),
    ...(held?.ok ? { known: held.value } : {}),
  })
  if (!verified.ok) return verified
  await context.db.transaction().execute(async (tx) => await putIdentity(tx, verified.value.payload, text))
  return accept(verified.value.payload)
}

/** Learns relayed documents as far as they hold. One that does not is no reason to refuse the log beside it. */
export async function learnIdentities(context: Context, texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    const learnt = await learnIdentity(context, text)
    if (!learnt.ok && learnt.code !== 'no-right') {
      context.logger.warn({ code: learnt.code, detail: learnt.detail }, 'A relayed identity was refused.')
    }
  }
}

/** For a join: the document, if it is about this user and still vouches for them. */
export async function currentIdentity(
  context: Context,
  text: string,
  user: UserId,
): Promise<Outcome<Identity>> {
  const learnt = await learnIdentity(context, text)
  if (!learnt.ok) return learnt
  const { sub, status, exp } = learnt.value
  const isCurrent = exp * 1000 > context.clock.now() && status === 'active'
  return sub === user && isCurrent ? learnt : refuse('no-right', 'identity')
}
