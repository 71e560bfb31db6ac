import type { HostAccess } from '#schema/removal.ts'
import type { Follower, PurgedSpaceWhy, SpaceWhy } from '#schema/why.ts'
import type { Explainer } from './facts.ts'
import { nothingWrong, sayHindrance, sayOrder } from './say-hindrance.ts'
import { count, sayTime } from './words.ts'

export function saySpace(why: SpaceWhy, { clock }: Pick<Explainer, 'clock'>): string[] {
  const { id, kind, host, isHost, epoch, headSeq, headAt, baseSeq, people, event, heldBy, hindrance } = why
  const now = clock.now()
  const who = people.map(({ node, people: n }) => `${node} (${count(n, 'person', 'people')})`).join(', ')
  const base = baseSeq > 0 ? [`Our copy begins behind entry ${baseSeq}.`] : []
  return [
    `The ${kind} ${id} is hosted by ${isHost ? 'this node' : host}. It is in epoch ${epoch} at entry ${headSeq}, of ${sayTime(headAt)}.`,
    who === '' ? 'Nobody takes part in it any more.' : `Those who take part: ${who}.`,
    ...base,
    ...(isHost ? [] : sayLease(why)),
    ...(hindrance ? sayHindrance(hindrance, host, now) : []),
    ...(hindrance || isHost ? [] : ['Nothing stands in the way of what comes from there.']),
    ...(heldBy.length > 0
      ? [`It is held until an administrator has decided about ${heldBy.join(', ')}.`]
      : []),
    ...(event ? [`The last security event is ${event.kind}, of ${sayTime(event.at)}: ${event.detail}.`] : []),
    ...(why.waiting > 0 ? [`${count(why.waiting, 'event')} of our people wait for ${host}.`] : []),
    ...why.followers.flatMap((follower) => sayProgress(follower, now)),
    ...why.confirmed.map(
      ({ node, seq, at }) => `${node} had confirmed entry ${seq} to ${host} by ${sayTime(at)}.`,
    ),
    ...why.orders.map(sayOrder),
  ]
}

const accesses: Readonly<Record<HostAccess, string>> = {
  open: 'is shown and written in',
  outage: 'can be read only',
  archive: 'can be read only',
  locked: 'is not shown',
}

function sayLease({ host, access, lease, hostHeardAt }: SpaceWhy): string[] {
  const heard =
    hostHeardAt === null
      ? `${host} was never heard of.`
      : `${host} was last heard of on ${sayTime(hostHeardAt)}.`
  if (!lease) return [`${host} has given no lease, so our copy is not shown.`, heard]
  const { until, outageUntil, fencesHave, fencesUpto } = lease
  const orders = fencesHave < fencesUpto ? ` It names ${fencesUpto} orders, and we have ${fencesHave}.` : ''
  return [
    `Our copy ${accesses[access ?? 'locked']}: the lease of ${host} goes to ${sayTime(until)}, and to ${sayTime(outageUntil)} for reading while it is silent.${orders}`,
    heard,
  ]
}

function sayProgress(
  { node, lag, ackedSeq, receiptAt, leaseUntil, hindrance }: Follower,
  now: number,
): string[] {
  const receipt =
    receiptAt === null
      ? 'it has confirmed nothing yet'
      : `its newest receipt is for entry ${ackedSeq}, of ${sayTime(receiptAt)}`
  const lease = leaseUntil === null ? 'it has no lease of ours' : `its lease goes to ${sayTime(leaseUntil)}`
  const first =
    lag === 0
      ? `${node} has everything: ${receipt}; ${lease}.`
      : `${node} is ${count(lag, 'entry', 'entries')} behind: ${receipt}; ${lease}.`
  if (lag === 0) return [first]
  return [first, ...(hindrance ? sayHindrance(hindrance, node, now) : [nothingWrong])]
}

export function sayPurged({ id, host, headSeq, order, at }: PurgedSpaceWhy): string[] {
  return [
    `The space ${id} is not here any more: order ${order} of ${host}, which hosts it, had its copy deleted on ${sayTime(at)}.`,
    `The copy went up to entry ${headSeq}. It comes back only if somebody here is invited again.`,
  ]
}
