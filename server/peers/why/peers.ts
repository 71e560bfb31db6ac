import type { NodeId } from '#schema/ids.ts'
import type { PeerWhy } from '#schema/why.ts'
import { listControlMessages } from '#server/db/control-messages.ts'
import type { ExchangeRow } from '#server/db/exchanges.ts'
import { findLease } from '#server/db/leases.ts'
import { countOpenOrders, countPendingFor, listFollowers } from '#server/db/why.ts'
import { viewPeer } from '../partners/view.ts'
import { versionsIn } from '../discovery/spoken.ts'
import { attemptsFor, type Explainer, factsAbout, viewFollower, viewLease } from './facts.ts'
import { hindranceOfPeer, lanesIn, type PeerFacts } from './hindrances.ts'
import { silenceOf } from './silence.ts'

const messagesShown = 20

/** How another node and we stand, and what waits for it. */
export async function explainPeer(context: Explainer, node: NodeId): Promise<PeerWhy | undefined> {
  const { db } = context
  const facts = await factsAbout(context, node)
  const { row, sent } = facts
  const attempts = await attemptsFor(context, { peer: node })
  if (node === context.node || (!row && attempts.length === 0)) return undefined
  const { failures, isOpen, nextBy } = silenceOf(sent)
  return {
    about: 'peer',
    node,
    peer: row ? { ...viewPeer(context, row), clockDeltaMs: clockDeltaIn(attempts) } : null,
    pin: row
      ? {
          operations: row.opSeq,
          statementVersion: row.statementVersion,
          statementUntil: row.statementExpiresAt,
          versions: [...versionsIn(row)],
        }
      : null,
    breaker: { isOpen, failures: failures.length, nextAttemptBy: nextBy ?? null },
    lanes: lanesIn(facts),
    hindrance: hindranceOfPeer(facts),
    waiting: await waitingFor(context, node, facts),
    leaseGiven: viewLease(await findLease(db, context.node, node)),
    leaseTaken: viewLease(await findLease(db, node, context.node)),
    attempts,
  }
}

/** Theirs minus ours. What they signed is more exact than the date of an answer. */
function clockDeltaIn(rows: readonly ExchangeRow[]): number | null {
  const told = rows.filter(({ clockDeltaMs }) => clockDeltaMs !== null)
  return (told.find(({ direction }) => direction === 'in') ?? told[0])?.clockDeltaMs ?? null
}

async function waitingFor(context: Explainer, node: NodeId, facts: PeerFacts): Promise<PeerWhy['waiting']> {
  const { db, clock } = context
  const behind = await listFollowers(db, context.node, { behind: node }, clock.now())
  const messages = await listControlMessages(db, node, messagesShown)
  const { fences, purges, oldestAt } = await countOpenOrders(db, context.node, node)
  return {
    spaces: behind.map((row) => ({ ...viewFollower(row, facts), space: row.spaceId })),
    submissions: (await countPendingFor(db, node)).map(({ spaceId: space, ...rest }) => ({ space, ...rest })),
    messages: messages.map(({ kind, createdAt: at, failures, outcome }) => ({ kind, at, failures, outcome })),
    fences,
    purges,
    oldestOrderAt: oldestAt,
  }
}
