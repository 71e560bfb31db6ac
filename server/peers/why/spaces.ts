import type { SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Hindrance, PurgedSpaceWhy, SpaceWhy } from '#schema/why.ts'
import { findAccess } from '#server/db/access.ts'
import { listHolding } from '#server/db/holds.ts'
import { findLease } from '#server/db/leases.ts'
import { findPeer } from '#server/db/peers.ts'
import { listRemovalsFrom } from '#server/db/removals.ts'
import { findSpace, type SpaceRow } from '#server/db/spaces.ts'
import { countPendingFor, countPeople, findLastEvent, findTombstone, listConfirmed } from '#server/db/why.ts'
import { attemptsFor, type Explainer, factsAbout, followersOf, viewLease, viewOrder } from './facts.ts'
import { hindrance, hindranceOfPeer } from './hindrances.ts'

const ordersShown = 20

/** How a space stands: what we host with its followers, a copy with its host. */
export async function explainSpace(
  context: Explainer,
  id: SpaceId,
): Promise<SpaceWhy | PurgedSpaceWhy | undefined> {
  const { db, node, clock } = context
  const space = await findSpace(db, id)
  if (!space) return await explainPurged(context, id)
  const { kind, host, epoch, headSeq, headAt, baseSeq, frozen, purging, withheld } = space
  const isHost = host === node
  const now = clock.now()
  const since = now - limits.removalShownMs
  const orders = isHost ? await listRemovalsFrom(db, node, id, { since, limit: ordersShown }) : []
  const lease = isHost ? undefined : await findLease(db, host, node)
  const access = await findAccess(db, { space: id, node, now })
  const about = { ...space, access, fencesLack: (lease?.fencesUpto ?? 0) - (lease?.fencesHave ?? 0) }
  const waiting = isHost ? [] : await countPendingFor(db, host)
  return {
    about: 'space',
    id,
    kind,
    host,
    isHost,
    epoch,
    headSeq,
    headAt,
    baseSeq,
    people: await countPeople(db, id),
    followers: isHost ? await followersOf(context, id) : [],
    confirmed: isHost ? [] : await listConfirmed(db, id),
    access,
    lease: viewLease(lease),
    hostHeardAt: isHost ? null : ((await findPeer(db, host))?.heardAt ?? null),
    frozen,
    purging,
    withheld,
    heldBy: await listHolding(db, id),
    event: (await findLastEvent(db, id)) ?? null,
    orders: orders.map((order) => viewOrder(order, order.subject === '*' ? null : order.subject)),
    waiting: waiting.find((each) => each.spaceId === id)?.count ?? 0,
    hindrance: ofSpace(about) ?? (isHost ? null : await ofHost(context, space)),
    attempts: await attemptsFor(context, { space: id }),
  }
}

type About = Pick<SpaceRow, 'frozen' | 'purging' | 'withheld'> &
  Pick<SpaceWhy, 'access'> & { readonly fencesLack: number }

/** What stops it here. */
function ofSpace({ frozen, purging, withheld, access, fencesLack }: About): Hindrance | undefined {
  if (purging) return hindrance('purge-running', { detail: 'here' })
  if (withheld) return hindrance('policy-hold', { detail: 'recovery-mode' })
  if (frozen !== null) return hindrance(forks.has(frozen) ? 'fork' : 'quarantine', { detail: frozen })
  if (access === 'open') return undefined
  return hindrance('lease-expired', { detail: fencesLack > 0 ? 'fences-missing' : (access ?? 'locked') })
}

/** Two histories were seen; everything else that freezes is one history that is not what it should be. */
const forks: ReadonlySet<string> = new Set(['fork', 'equivocation', 'cosignature-conflict', 'broken-promise'])

/** What keeps us from hearing of it. */
async function ofHost(context: Explainer, { id, host }: SpaceRow): Promise<Hindrance | null> {
  const [company] = await listHolding(context.db, id)
  if (company !== undefined) return hindrance('policy-hold', { detail: `approval of ${company}` })
  return hindranceOfPeer(await factsAbout(context, host, id))
}

async function explainPurged({ db }: Explainer, id: SpaceId): Promise<PurgedSpaceWhy | undefined> {
  const tombstone = await findTombstone(db, id)
  if (!tombstone) return undefined
  const { host, headSeq, n: order, purgedAt: at } = tombstone
  return { about: 'purged-space', id, host, headSeq, order, at }
}
