import { EventId, NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Explanation, Why } from '#schema/why.ts'
import { findDecision, findExchanges, findGenesisOf, findSecurityEvent } from '#server/db/why.ts'
import { explainMessages } from './messages.ts'
import type { Explainer } from './facts.ts'
import { explainPeer } from './peers.ts'
import { explainPerson } from './people.ts'
import { sentencesOf } from './sentences.ts'
import { explainSpace } from './spaces.ts'

// Why something is as it is: one answer for the page, the API and the command. Ids are told apart by their shape; those
// of events, exchanges and decisions have the same one, and are looked for among all of them.

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Everything that an id names here; nothing where it is unknown. */
export async function explain(context: Explainer, text: string): Promise<Explanation[]> {
  const found = await find(context, text.replace(/^urn:uuid:/, ''))
  return found.map((why) => ({ why, sentences: sentencesOf(why, context) }))
}

async function find(context: Explainer, id: string): Promise<Why[]> {
  const space = SpaceId.safeParse(id)
  if (space.success) {
    const found = await explainSpace(context, space.data)
    return found ? [found] : await explainBegun(context, space.data)
  }
  const user = UserId.safeParse(id)
  if (user.success) return some(await explainPerson(context, user.data))
  const node = NodeId.safeParse(id)
  if (node.success) return some(await explainPeer(context, node.data))
  return uuid.test(id) ? await findRecords(context, id) : []
}

/** A thread that is in no log here is what became of its genesis. */
async function explainBegun(context: Explainer, space: SpaceId): Promise<Why[]> {
  const genesis = await findGenesisOf(context.db, space)
  return genesis === undefined ? [] : await explainMessages(context, genesis)
}

async function findRecords(context: Explainer, id: string): Promise<Why[]> {
  const { db } = context
  const event = EventId.safeParse(id)
  const messages = event.success ? await explainMessages(context, event.data) : []
  const exchanges = (await findExchanges(db, id)).map((exchange): Why => ({ about: 'exchange', exchange }))
  return [
    ...messages,
    ...exchanges,
    ...some(await decisionOf(context, id)),
    ...some(await eventOf(context, id)),
  ]
}

async function decisionOf({ db }: Explainer, id: string): Promise<Why | undefined> {
  const row = await findDecision(db, id)
  if (!row) return undefined
  const { spaceId: space, facts, ...rest } = row
  return { ...rest, about: 'decision', space, facts: JSON.parse(facts) as Record<string, never> }
}

async function eventOf({ db }: Explainer, id: string): Promise<Why | undefined> {
  const row = await findSecurityEvent(db, id)
  if (!row) return undefined
  const { spaceId: space, ...rest } = row
  return { ...rest, about: 'security-event', space }
}

function some<T>(found: T | undefined): T[] {
  return found === undefined ? [] : [found]
}
