import { isStateType } from '#schema/event/types.ts'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { ReplyOf } from '#schema/wire/endpoint.ts'
import { pushIdentities as contract } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import {
  forgetPushes,
  listOutdated,
  listPostponed,
  listTellable,
  listUntold,
  type Owed,
  postponePush,
  putPush,
} from '#server/db/identity-pushes.ts'
import { alone } from '#server/db/open.ts'
import { restate, type Vouched } from '#server/vouch.ts'
import { callPeer, type PeerAnswer } from '../exchange/call.ts'
import { documentsAbout } from '../discovery/documents-about.ts'
import { startLane } from '../lane.ts'

// Brings to other nodes who our users are, and as a host who everybody in our spaces is (I9): when a version goes up,
// at half of a document's life, and when somebody no longer is vouched for. A lane of its own on the way of control, so
// that ten thousand renewals never hold up a fence.

const owedMax = 1_000

export function startIdentities(context: Context): void {
  const owed = new Map<NodeId, Set<UserId>>()
  // What may be untold, told by commits; a sweep looks at everything.
  const stirred = new Set<SpaceId>()
  let wholeAt = 0
  let isNews = true

  context.wake.listen('identities', () => {
    isNews = true
  })
  context.log.onCommit((space, placed) => {
    if (placed.some(({ event }) => isStateType(event.header.type))) stirred.add(space)
  })

  function note(rows: readonly Owed[]): void {
    for (const { userId, node } of rows) owed.set(node, (owed.get(node) ?? new Set()).add(userId))
    // There is more than fits: look at everything again, soon.
    if (rows.length === owedMax) wholeAt = 0
  }

  async function look(): Promise<readonly NodeId[]> {
    const now = context.clock.now()
    const isWhole = now >= wholeAt
    const spaces = [...stirred]
    stirred.clear()
    if (isWhole) wholeAt = now + limits.identitySweepMs
    if (isWhole || isNews) {
      isNews = false
      await restate(context)
      const renewBefore = now + (limits.identityLifeSeconds * 1000) / 2
      note(await listOutdated(context.db, context.node, { now, renewBefore, limit: owedMax }))
    }
    note(await listPostponed(context.db, now, owedMax))
    if (isWhole) note(await listUntold(context.db, context.node, { limit: owedMax }))
    else if (spaces.length > 0) note(await listUntold(context.db, context.node, { spaces, limit: owedMax }))
    return [...owed.keys()]
  }

  startLane(context, {
    name: 'identity lane',
    lane: 'control',
    topic: 'identities',
    due: look,
    serve: async (node) => {
      const users = [...(owed.get(node) ?? [])]
      owed.delete(node)
      return await tell(context, node, users)
    },
  })
}

/** False: the node could not be reached. What it was not told is found again by the next look. */
async function tell(context: Context, node: NodeId, users: readonly UserId[]): Promise<boolean> {
  const allowed = new Set(await listTellable(context.db, context.node, node, users))
  const rest = users.filter((user) => !allowed.has(user))
  await forgetPushes(alone(context.db), node, rest)
  const all = [...allowed]
  for (let start = 0; start < all.length; start += limits.identitiesPerPushMax) {
    const documents = await documentsAbout(context, all.slice(start, start + limits.identitiesPerPushMax))
    if (documents.length > 0 && !(await push(context, node, documents))) return false
  }
  return true
}

async function push(context: Context, node: NodeId, documents: readonly Vouched[]): Promise<boolean> {
  const answer = await callPeer(context, node, {
    contract,
    body: { identities: documents.map(({ jws }) => jws) },
  })
  if (!answer.ok && 'failed' in answer) return false
  const now = context.clock.now()
  const retries = retriesOf(answer, documents.length)
  await context.db.transaction().execute(async (tx) => {
    for (const [place, { user: userId, version, expiresAt }] of documents.entries()) {
      const seconds = retries[place]
      if (seconds === undefined) await putPush(tx, { userId, node, version, expiresAt })
      else await postponePush(tx, { userId, node }, { now, afterMs: seconds * 1000 })
    }
  })
  return true
}

type Answer = Exclude<PeerAnswer<ReplyOf<typeof contract>>, { failed: unknown }>

/** For each document, in how many seconds at the earliest to try again; undefined for those that were taken. */
function retriesOf(answer: Answer, count: number): (number | undefined)[] {
  if (!answer.ok) return Array.from({ length: count }, () => answer.refused.retryAfter ?? 0)
  const refused = new Map(answer.value.refused.map((one) => [one.place, one.retry_after ?? 0]))
  return Array.from({ length: count }, (_, place) => refused.get(place))
}
