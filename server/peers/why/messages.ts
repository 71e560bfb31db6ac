import type { EventId, NodeId, SpaceId } from '#schema/ids.ts'
import { nodeOf } from '#schema/ids.ts'
import type { Hindrance, MessageWhy } from '#schema/why.ts'
import { listHolding } from '#server/db/holds.ts'
import {
  findEntriesOf,
  findPendingOf,
  type FoundEntry,
  type FoundPending,
  listConfirmed,
} from '#server/db/why.ts'
import { attemptsFor, type Explainer, factsAbout, followersOf } from './facts.ts'
import { hindrance, hindranceOfPeer } from './hindrances.ts'

/** What became of an event: in a log that we hold, or on its way to the node that hosts it. */
export async function explainMessages(context: Explainer, id: EventId): Promise<MessageWhy[]> {
  const entries = await findEntriesOf(context.db, id)
  const placed = await Promise.all(entries.map(async (entry) => await explainPlaced(context, entry)))
  const pending = await findPendingOf(context.db, id)
  return pending ? [...placed, await explainPending(context, pending)] : placed
}

async function explainPlaced(context: Explainer, entry: FoundEntry): Promise<MessageWhy> {
  const {
    eventId: id,
    spaceId: space,
    host,
    origin,
    sender,
    type,
    writtenAt,
    seq,
    epoch,
    at,
    standing,
  } = entry
  const isHost = host === context.node
  const followers = isHost ? await followersOf(context, space) : []
  return {
    about: 'message',
    id,
    space,
    host,
    origin,
    sender,
    type,
    writtenAt,
    state: 'placed',
    code: null,
    seq,
    epoch,
    acceptedAt: at,
    standing,
    followers,
    confirmed: isHost ? [] : await listConfirmed(context.db, space),
    hindrance: null,
    attempts: await attemptsFor(context, { space }),
  }
}

async function explainPending(context: Explainer, pending: FoundPending): Promise<MessageWhy> {
  const { eventId: id, spaceId: space, host, sender, type, createdAt: writtenAt, state, code } = pending
  const isWaiting = state === 'queued' || state === 'sent'
  return {
    about: 'message',
    id,
    space,
    host,
    origin: nodeOf(sender),
    sender,
    type,
    writtenAt,
    state,
    code,
    seq: pending.promisedSeq,
    epoch: null,
    acceptedAt: null,
    standing: null,
    followers: [],
    confirmed: [],
    hindrance: isWaiting ? await hindranceOfSubmission(context, space, host) : null,
    attempts: await attemptsFor(context, { peer: host, space }),
  }
}

/** Why what our people wrote is not at its host yet. */
export async function hindranceOfSubmission(
  context: Explainer,
  space: SpaceId,
  host: NodeId,
): Promise<Hindrance | null> {
  const [company] = await listHolding(context.db, space)
  if (company !== undefined) return hindrance('policy-hold', { detail: `approval of ${company}` })
  return hindranceOfPeer(await factsAbout(context, host, space), 'submit')
}
