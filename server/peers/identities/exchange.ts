import { readIdentity } from '#federation/identity.ts'
import { type Outcome, refuse, type Refused } from '#federation/outcome.ts'
import { nodeOf, type NodeId, type UserId } from '#schema/ids.ts'
import type { ReplyOf } from '#schema/wire/endpoint.ts'
import { getIdentity, type pushIdentities } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { findIdentity } from '#server/db/identities.ts'
import { isEntitled, isExpected, listLapsed } from '#server/db/identity-access.ts'
import { Refusal } from '#server/refusal.ts'
import { signedIdentity } from '#server/vouch.ts'
import { callPeer } from '../exchange/call.ts'
import { learnIdentity } from './identities.ts'

// Identities on request: what a node tells us, what it asks for, and what we ask for when nobody has told us.

type Pushed = ReplyOf<typeof pushIdentities>

/**
 * Takes what holds. When nothing does, the request is refused for the reason of its first document; but not because
 * somebody changes too often, for a 429 would ask their whole node to be quiet.
 */
export async function receiveIdentities(context: Context, texts: readonly string[]): Promise<Pushed> {
  const refused: (Pushed['refused'][number] & { readonly no: Refused })[] = []
  for (const [place, text] of texts.entries()) {
    const taken = await take(context, text)
    if (taken.ok) continue
    const { code } = taken
    const wait = code === 'rate' ? { retry_after: await secondsLeft(context, text) } : {}
    refused.push({ place, code, ...wait, no: taken })
  }
  const [first] = refused
  if (first && first.code !== 'rate' && refused.length === texts.length)
    throw new Refusal(first.no.code, { detail: first.no.detail ?? 'identity' })
  return { refused }
}

/** Until the next version of somebody is taken. */
async function secondsLeft(context: Context, text: string): Promise<number> {
  const document = readIdentity(text)
  const known = document.ok ? await findIdentity(context.db, document.value.payload.sub) : undefined
  const until = (known?.changesSince ?? 0) + 60 * 60 * 1000
  return Math.max(1, Math.ceil((until - context.clock.now()) / 1000))
}

async function take(context: Context, text: string): Promise<Outcome<unknown>> {
  const document = readIdentity(text)
  if (!document.ok) return document
  const { sub, iss } = document.value.payload
  if (iss === context.node) return refuse('no-right', 'own-user')
  // Nobody fills our database with people whom nobody here has to do with.
  if (!(await isExpected(context.db, sub))) return refuse('not-participating', 'sub')
  return await learnIdentity(context, text)
}

/** The current document of somebody, for a node that has to do with them. Everybody else does not exist for it. */
export async function serveIdentity(
  context: Context,
  node: NodeId,
  user: UserId,
): Promise<{ identity: string }> {
  const { db } = context
  const isOurs = nodeOf(user) === context.node
  const isTold = await isEntitled(db, context.node, node, user)
  const held = isOurs ? undefined : await findIdentity(db, user)
  if (!isTold || (!isOurs && !held)) throw new Refusal('not-visible')
  return { identity: held?.jws ?? (await signedIdentity(context, db, user)) }
}

const lapsedMax = 200

/** Asks for the people in our spaces whose documents are missing or have expired: whoever was away missed a push. */
export async function refreshLapsed(context: Context): Promise<void> {
  const now = context.clock.now()
  const silent = new Set<NodeId>()
  for (const { userId: sub, ask } of await listLapsed(context.db, context.node, { now, limit: lapsedMax })) {
    if (silent.has(ask)) continue
    const answer = await callPeer(context, ask, { contract: getIdentity, params: { sub } })
    if (answer.ok) await learnIdentity(context, answer.value.identity)
    else if ('failed' in answer) silent.add(ask)
  }
}
