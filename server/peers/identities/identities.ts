import { readIdentity, saysTheSame, verifyIdentity } from '#federation/identity.ts'
import { accept, type Outcome, refuse } from '#federation/outcome.ts'
import { nodeOf, type UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Identity } from '#schema/wire/identity.ts'
import type { Context } from '#server/context.ts'
import { type Changes, findIdentity, type IdentityRow, putIdentity } from '#server/db/identities.ts'
import { alone } from '#server/db/open.ts'
import { insertSecurityEvent } from '#server/db/security-events.ts'
import { newUuid } from '#server/ports/random.ts'
import { peerKey } from '../discovery/discover.ts'
import { Bounded, perNode } from '../per-node.ts'

const hourMs = 60 * 60 * 1000

// Alarms that were given: the same two documents again are no news, and must not fill the record.
const reportedOf = perNode(() => new Bounded<string, true>(10_000))

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
  const held = known && readIdentity(known.jws)
  const isSame = held?.ok && ver === known!.version && saysTheSame(document.value.payload, held.value.payload)
  if (isSame && known!.expiresAt >= exp * 1000) return accept(held.value.payload)
  const key = await peerKey(context, iss, document.value.jws.header.kid)
  if (!key.ok) return key
  const verified = verifyIdentity(document.value, {
    key: key.value,
    nowSeconds: Math.floor(context.clock.now() / 1000),
    ...(held?.ok ? { known: held.value } : {}),
  })
  if (!verified.ok) {
    const areTwins = verified.code === 'identity-rollback' && known?.version === ver && !isSame
    if (areTwins) await reportTwins(context, known)
    return verified
  }
  const changes = countChange(known, verified.value.payload, context.clock.now())
  if (!changes.ok) return changes
  await context.db
    .transaction()
    .execute(async (tx) => await putIdentity(tx, verified.value.payload, text, changes.value))
  // Who takes part in what we host is told of it by us, and whoever is vouched for no more leaves (I9, I11).
  if (known?.version !== ver) context.wake.signal('identities')
  return accept(verified.value.payload)
}

/**
 * How many versions came within an hour (I10). That somebody is vouched for no more is always taken: else ten changes
 * would buy an hour of access.
 */
function countChange(
  known: IdentityRow | undefined,
  { ver, status }: Identity,
  now: number,
): Outcome<Changes> {
  if (!known || known.changesSince + hourMs <= now) return accept({ changesSince: now, changes: 1 })
  const { changesSince, changes } = known
  if (known.version === ver) return accept({ changesSince, changes })
  const isTooOften = changes >= limits.profileChangesPerHourMax && status === 'active'
  return isTooOften ? refuse('rate', 'versions') : accept({ changesSince, changes: changes + 1 })
}

/** A node says two things of one user under one version: somebody is shown something else than we are. */
async function reportTwins(context: Context, { userId, version }: IdentityRow): Promise<void> {
  const reported = reportedOf(context)
  const twins = `${userId} ${version}`
  if (reported.get(twins)) return
  reported.set(twins, true)
  const peer = nodeOf(userId)
  const detail = `two documents about ${userId} have the version ${version}`
  context.logger.error({ peer, user: userId, version }, 'A node vouches for two things under one version.')
  const id = newUuid(context.clock, context.random)
  const event = { id, at: context.clock.now(), kind: 'identity-conflict', peer, spaceId: null, detail }
  await insertSecurityEvent(alone(context.db), event)
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
