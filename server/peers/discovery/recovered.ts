import type { OperationLog } from '#federation/operation-log.ts'
import type { Context } from '#server/context.ts'
import { markDisputed } from '#server/db/disputed.ts'
import { dropIdentitiesOf } from '#server/db/identities.ts'
import type { Tx } from '#server/db/open.ts'
import { insertSecurityEvent } from '#server/db/security-events.ts'
import { newUuid } from '#server/ports/random.ts'

// A company has replaced its keys with its recovery key: somebody else may have had them (§3.5). Nothing is deleted that
// came by them; it is marked, and what vouches for people is fetched anew.

/** Marks what we hold of a node, in the transaction that takes in its history. How many entries it were. */
export async function disputeEntries(tx: Tx, { node, keys, recoveries }: OperationLog): Promise<number> {
  return await markDisputed(tx, node, {
    spans: recoveries.map(({ since, at }) => ({ since: since * 1000, until: at * 1000 })),
    keys: keys.map(({ key: { kid }, compromisedSince: since }) => ({
      kid,
      since: since === undefined ? null : since * 1000,
    })),
  })
}

/** What follows for us when another node has recovered. Its old keys are refused from this commit on, by K11. */
export async function takeRecovery(
  context: Pick<Context, 'clock' | 'random'>,
  tx: Tx,
  log: OperationLog,
): Promise<void> {
  const count = await disputeEntries(tx, log)
  // Each was signed by a key that is no key any more; the next document counts as the first.
  await dropIdentitiesOf(tx, log.node)
  await insertSecurityEvent(tx, {
    id: newUuid(context.clock, context.random),
    at: context.clock.now(),
    kind: 'keys-recovered',
    peer: log.node,
    spaceId: null,
    detail: detailOf(log, count),
  })
}

function detailOf({ recoveries }: OperationLog, count: number): string {
  const { since } = recoveries.at(-1)!
  const from = `${new Date(since * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  return `its keys may have been somebody else's since ${from}; entries that are marked for it: ${count}`
}
