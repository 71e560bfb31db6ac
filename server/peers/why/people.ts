import type { UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Closed, PersonWhy } from '#schema/why.ts'
import { findIdentity } from '#server/db/identities.ts'
import { findUser, type UserRow } from '#server/db/users.ts'
import {
  findStanding,
  listEnded,
  listFencesOn,
  listInvitesOf,
  listWays,
  type WayRow,
} from '#server/db/why-people.ts'
import { type Explainer, viewOrder } from './facts.ts'

const shown = 50

/** Where somebody gets in, by which way, and what keeps them out. */
export async function explainPerson(context: Explainer, id: UserId): Promise<PersonWhy | undefined> {
  const { db, node: ours, clock } = context
  const user = await findUser(db, id)
  if (!user) return undefined
  const { node, kind, status, identityVersion } = user
  const now = clock.now()
  const isOurs = node === ours
  const vouchedUntil = isOurs ? null : ((await findIdentity(db, id))?.expiresAt ?? null)
  const isVouched = isOurs || (vouchedUntil !== null && vouchedUntil + limits.identityGraceMs > now)
  const ways = await listWays(db, ours, id, { now, limit: shown })
  return {
    about: 'person',
    id,
    node,
    isOurs,
    kind,
    status,
    identityVersion,
    vouchedUntil,
    account: (await findStanding(db, id, now)) ?? null,
    ways: ways.map((way) => viewWay(way, closedBy(way, user, { isOurs, isVouched }))),
    ended: (await listEnded(db, id, shown)).map(({ spaceId: space, sender: by, ...rest }) => ({
      ...rest,
      space,
      by,
    })),
    invitations: (await listInvitesOf(db, id, shown)).map(({ spaceId: space, createdAt: at, ...rest }) => ({
      ...rest,
      space,
      at,
    })),
    orders: (await listFencesOn(db, id, shown)).map((order) => viewOrder(order, id)),
  }
}

function viewWay(
  { spaceId: space, kind, host, groupId: through, role, fromSeq }: WayRow,
  closed: Closed | null,
): PersonWhy['ways'][number] {
  return { space, kind, host, through, role, fromSeq, closedBy: closed }
}

type Standing = { readonly isOurs: boolean; readonly isVouched: boolean }

function closedBy(way: WayRow, { status }: UserRow, { isOurs, isVouched }: Standing): Closed | null {
  if (status !== 'active') return status
  if (way.fenced) return 'fence'
  if (way.ending) return 'ending'
  if (way.purging) return 'purge'
  if (way.withheld) return 'withheld'
  // Whether another node shows its people what it holds is known there.
  if (isOurs && way.access === null) return 'lease'
  return isVouched ? null : 'unvouched'
}
