import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { PeerWhy } from '#schema/why.ts'
import type { Explainer } from './facts.ts'
import { sayHindrance } from './say-hindrance.ts'
import { count, sayReason, sayTime } from './words.ts'

const states: Readonly<Record<NonNullable<PeerWhy['peer']>['state'], string>> = {
  partner: 'is a partner: both administrators have approved',
  waiting: 'waits for the approval of its administrator; ours has approved',
  asking: 'asks for the approval of our administrator',
  known: 'is known, and no partner: nobody has approved it',
  paused: 'is paused by our administrator',
  blocked: 'is blocked by our administrator',
  retired: 'has closed for good: its key history says so',
  ended: 'was a partner until the partnership was ended',
  'key-conflict': 'is in a key conflict: its keys do not continue those we pinned',
}

export function sayPeer(why: PeerWhy, { clock }: Pick<Explainer, 'clock'>): string[] {
  const { node, peer, hindrance, breaker } = why
  const now = clock.now()
  if (!peer) return [`${node} is not known here. Requests in its name were seen; see the exchanges.`]
  const unanswered =
    breaker.failures === 0 ? '' : `: ${count(breaker.failures, 'request')} in a row had no answer`
  return [
    `${node} ${states[peer.state]}.`,
    ...sayPin(why),
    ...sayHeard(why),
    `The breaker is ${breaker.isOpen ? 'open' : 'closed'}${unanswered}.`,
    ...why.lanes.map((lane) => sayLane(lane, node)),
    ...(hindrance
      ? sayHindrance(hindrance, node, now)
      : ['Nothing stands in the way between the two nodes.']),
    ...sayWaiting(why),
    ...sayLeases(why),
  ]
}

function sayLane(
  { lane, at, verdict, reason, detail, quietUntil }: PeerWhy['lanes'][number],
  node: NodeId,
): string {
  const why = reason === null ? '' : ` ${sayReason(reason, detail, node)}`
  const quiet = quietUntil === null ? '' : ` It has asked to be left alone until ${sayTime(quietUntil)}.`
  return `Lane ${lane}: the last request, of ${sayTime(at)}, was ${verdict}.${why}${quiet}`
}

function sayPin({ peer, pin }: PeerWhy): string[] {
  if (!peer || !pin) return []
  return [
    `Its keys were pinned on ${sayTime(peer.since)}, with the fingerprint ${peer.fingerprint}; its key history has ${count(pin.operations, 'operation')}.`,
    `Its statement ${pin.statementVersion} is looked at again after ${sayTime(pin.statementUntil)}. It speaks ${pin.versions.join(', ')} and answers at ${peer.baseUrl}.`,
  ]
}

function sayHeard({ peer }: PeerWhy): string[] {
  if (!peer) return []
  const { lastSuccessAt, failingSince, clockDeltaMs, reach } = peer
  const success =
    lastSuccessAt === null
      ? 'It has never accepted a request of ours.'
      : `It last accepted a request of ours on ${sayTime(lastSuccessAt)}.`
  const silent =
    failingSince === null ? [] : [`It has not answered since ${sayTime(failingSince)} (${reach}).`]
  if (clockDeltaMs === null) return [success, ...silent]
  const seconds = Math.round(Math.abs(clockDeltaMs) / 1000)
  const clock =
    seconds === 0
      ? 'Its clock is as ours.'
      : `Its clock is ${count(seconds, 'second')} ${clockDeltaMs > 0 ? 'ahead of' : 'behind'} ours.`
  const limitMs = 1000 * (clockDeltaMs > 0 ? limits.clockAheadSeconds : limits.clockBehindSeconds)
  const tooMuch =
    Math.abs(clockDeltaMs) > limitMs ? ['That is too much: requests are refused (clock-skew).'] : []
  return [success, ...silent, clock, ...tooMuch]
}

function sayWaiting({ node, waiting }: PeerWhy): string[] {
  const { spaces, submissions, messages, fences, purges, oldestOrderAt } = waiting
  const orders =
    oldestOrderAt === null
      ? []
      : [
          `${count(fences, 'order')} to end access and ${count(purges, 'deletion')} are not confirmed; the oldest is of ${sayTime(oldestOrderAt)}.`,
        ]
  const lines = [
    ...orders,
    ...spaces.map(({ space, lag, hindrance }) => {
      const why = hindrance ? ` ${sayReason(hindrance.reason, hindrance.detail, node)}` : ''
      return `It is ${count(lag, 'entry', 'entries')} behind in ${space}.${why}`
    }),
    ...submissions.map(
      ({ space, count: n, oldestAt }) =>
        `${count(n, 'event')} of our people wait for it in ${space}, the oldest since ${sayTime(oldestAt)}.`,
    ),
    ...messages.map(({ kind, at, failures, outcome }) => {
      const tried =
        failures === 0 ? '' : `, tried ${count(failures, 'time')}${outcome === null ? '' : ` (${outcome})`}`
      return `A control message (${kind}) waits since ${sayTime(at)}${tried}.`
    }),
  ]
  return lines.length === 0 ? ['Nothing waits for it.'] : lines
}

function sayLeases({ node, leaseGiven, leaseTaken }: PeerWhy): string[] {
  return [
    ...(leaseGiven ? [`Our lease lets it show what we host until ${sayTime(leaseGiven.until)}.`] : []),
    ...(leaseTaken
      ? [`The lease of ${node} lets us show what it hosts until ${sayTime(leaseTaken.until)}.`]
      : []),
  ]
}
