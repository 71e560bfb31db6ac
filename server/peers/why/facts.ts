import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Follower, LeaseState, OrderState } from '#schema/why.ts'
import type { Context } from '#server/context.ts'
import { type ExchangeRow, listExchanges } from '#server/db/exchanges.ts'
import type { FenceRow } from '#server/db/fences.ts'
import { findIncarnation } from '#server/db/incarnation.ts'
import type { LeaseRow } from '#server/db/leases.ts'
import { findPeer } from '#server/db/peers.ts'
import { type FollowerRow, listFollowers } from '#server/db/why.ts'
import { hindranceOfFollower, lagOf, type PeerFacts } from './hindrances.ts'

/** All that an explanation needs of a node: so a command that has only its database explains too. */
export type Explainer = Pick<Context, 'db' | 'node' | 'clock'>

/** How many exchanges an explanation shows. */
export const attemptsShown = 10
const sentRead = 60

export async function factsAbout(context: Explainer, node: NodeId, space?: SpaceId): Promise<PeerFacts> {
  const { db, clock } = context
  const filter = { peer: node, direction: 'out' } as const
  const sent = await listExchanges(db, filter, { limit: sentRead })
  // What was said about one space may lie far behind what was said about others.
  const about =
    space === undefined ? [] : await listExchanges(db, { ...filter, space }, { limit: attemptsShown })
  return {
    row: await findPeer(db, node),
    sent: inOrder([...sent, ...about]),
    recoveringSince: (await findIncarnation(db))?.recoveringSince ?? null,
    now: clock.now(),
  }
}

function inOrder(rows: readonly ExchangeRow[]): ExchangeRow[] {
  const known = new Map(rows.map((row) => [row.id, row]))
  return [...known.values()].toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
}

/** The followers of a space that we host. */
export async function followersOf(context: Explainer, space: SpaceId): Promise<Follower[]> {
  const rows = await listFollowers(context.db, context.node, { space }, context.clock.now())
  return await Promise.all(
    rows.map(async (row) => viewFollower(row, await factsAbout(context, row.node, space))),
  )
}

export function viewFollower(row: FollowerRow, facts: PeerFacts): Follower {
  const { node, fromSeq, ackedSeq, receiptAt, leaseUntil, failures } = row
  return {
    node,
    fromSeq,
    ackedSeq,
    receiptAt,
    lag: lagOf(row),
    leaseUntil,
    failures,
    hindrance: hindranceOfFollower(row, facts),
  }
}

export function viewLease(lease: LeaseRow | undefined): LeaseState | null {
  if (!lease) return null
  const { untilAt: until, outageUntil, fencesHave, fencesUpto } = lease
  return { until, outageUntil, fencesHave, fencesUpto }
}

type Order = Pick<FenceRow, 'host' | 'node' | 'n' | 'spaceId' | 'action' | 'at' | 'ackedAt' | 'purgeAckedAt'>

export function viewOrder(order: Order, subject: OrderState['subject']): OrderState {
  const { host, node, n, spaceId: space, at, ackedAt: confirmedAt, action, purgeAckedAt: purgedAt } = order
  return { host, node, n, space, subject, at, confirmedAt, purges: action === 'purge', purgedAt }
}

/** The last exchanges about a space, with one node or with all. */
export async function attemptsFor(
  { db }: Explainer,
  filter: { readonly peer?: NodeId; readonly space?: SpaceId },
): Promise<ExchangeRow[]> {
  return await listExchanges(db, filter, { limit: attemptsShown })
}
