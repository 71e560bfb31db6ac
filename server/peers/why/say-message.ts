import { reasonOf } from '#schema/reason.ts'
import type { Follower, MessageWhy } from '#schema/why.ts'
import type { Explainer } from './facts.ts'
import { nothingWrong, sayHindrance } from './say-hindrance.ts'
import { count, sayReason, sayTime } from './words.ts'

export function sayMessage(why: MessageWhy, { node, clock }: Pick<Explainer, 'node' | 'clock'>): string[] {
  const { id, sender, origin, host, space, type, writtenAt, seq, acceptedAt, standing } = why
  const by = sender.startsWith('node@')
    ? `by the node ${origin} itself`
    : `by ${sender}, at the node ${origin}`
  const written = `${type} ${id} was written ${by}, on ${sayTime(writtenAt)} by the clock there.`
  if (why.state !== 'placed') return [written, ...sayUnplaced(why, clock.now())]
  const doubt =
    standing === 'verified' ? [] : [`It is ${standing}: that it comes from its sender is not proved.`]
  return [
    written,
    `${host} hosts the space ${space} and took it on ${sayTime(acceptedAt ?? 0)} as entry ${seq}.`,
    ...doubt,
    ...(host === node ? sayWhoHasIt(why, clock.now()) : sayOurCopy(why)),
  ]
}

function sayUnplaced({ state, host, space, code, seq, hindrance }: MessageWhy, now: number): string[] {
  const place = `${host}, which hosts the space ${space},`
  if (state === 'refused') {
    const why = sayReason(reasonOf(code ?? ''), code, host)
    return [
      `It is in no log: ${place} or our own rules refused it. ${why}`,
      'Its author sees that, and can send it anew.',
    ]
  }
  if (state === 'expired')
    return [`It was never sent to ${host} in time and has expired. Its author sees that.`]
  if (state === 'accepted') {
    const at = seq === null ? '' : ` as entry ${seq}`
    return [`${place} says that it has accepted it${at}. The log that shows it has not come here yet.`]
  }
  const sent = state === 'sent' ? 'was sent, and no answer says yet what became of it' : 'waits here'
  return [
    `It is not in the log yet: it ${sent}.`,
    ...(hindrance ? sayHindrance(hindrance, host, now) : [nothingWrong]),
  ]
}

function sayWhoHasIt({ followers, seq }: MessageWhy, now: number): string[] {
  if (followers.length === 0) return ['No other node takes part in the space.']
  return followers.flatMap((follower) => sayFollower(follower, seq ?? 0, now))
}

function sayFollower(
  { node, fromSeq, ackedSeq, receiptAt, lag, hindrance }: Follower,
  seq: number,
  now: number,
): string[] {
  if (fromSeq > seq) return [`${node} is not given it: what it may have begins with entry ${fromSeq}.`]
  if (ackedSeq >= seq) {
    const receipt =
      receiptAt === null ? '' : `; its newest receipt is for entry ${ackedSeq}, of ${sayTime(receiptAt)}`
    return [`${node} has acknowledged it${receipt}.`]
  }
  const behind = `${node} has not acknowledged it: it is ${count(lag, 'entry', 'entries')} behind.`
  return [behind, ...(hindrance ? sayHindrance(hindrance, node, now) : [nothingWrong])]
}

function sayOurCopy({ confirmed, seq, host }: MessageWhy): string[] {
  const have = confirmed.filter((other) => other.seq >= (seq ?? 0)).map(({ node }) => node)
  const others =
    have.length === 0
      ? []
      : [`Others have confirmed it as well, as ${host} has passed on: ${have.join(', ')}.`]
  return ['Our copy of the log has it.', ...others, `Which other nodes lack it is known at ${host}.`]
}
