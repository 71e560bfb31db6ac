import { reasons } from '#schema/reason.ts'
import type { DecisionWhy, EventWhy, ExchangeWhy } from '#schema/why.ts'
import { sayReason, sayTime } from './words.ts'

export function sayExchange({ exchange }: ExchangeWhy): string[] {
  const {
    direction,
    peer,
    method,
    route,
    at,
    durationMs,
    status,
    verdict,
    reason,
    code,
    detail,
    attempt,
    instance,
    spaceId,
  } = exchange
  const who = peer ?? 'somebody who did not say who'
  const way = direction === 'in' ? `${who} sent us` : `We sent ${who}`
  const ended = status === null ? 'There was no answer' : `The answer was ${status}`
  const known = reasons.find((each) => each === reason)
  const exact = verdict === 'failed' ? (detail ?? code) : (code ?? detail)
  return [
    `${way} ${method} ${route} on ${sayTime(at)}, attempt ${attempt}. ${ended}, after ${Math.round(durationMs)} ms: ${verdict}.`,
    ...(spaceId === null ? [] : [`It was about the space ${spaceId}.`]),
    ...(known ? [sayReason(known, exact, who)] : []),
    ...(code !== null && detail !== null && exact !== detail ? [`It says more exactly: ${detail}.`] : []),
    ...(instance === null ? [] : [`At ${who} the same exchange is recorded as ${instance}.`]),
  ]
}

export function sayDecision({ kind, at, verdict, rule, actor, peer, space, facts }: DecisionWhy): string[] {
  const about = [actor && `asked by ${actor}`, peer && `about ${peer}`, space && `in ${space}`].filter(
    Boolean,
  )
  return [
    `The decision about ${kind} was made on ${sayTime(at)}: ${verdict}, by the rule ${rule}.`,
    ...(about.length > 0 ? [`It was ${about.join(', ')}.`] : []),
    `It was decided from: ${JSON.stringify(facts)}.`,
  ]
}

export function sayEvent({ kind, at, peer, space, detail }: EventWhy): string[] {
  const about = [peer && `about ${peer}`, space && `in ${space}`].filter(Boolean).join(', ')
  return [
    `The security event ${kind} was written on ${sayTime(at)}${about === '' ? '' : `, ${about}`}: ${detail}.`,
  ]
}
