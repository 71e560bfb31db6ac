import type { NodeId } from '#schema/ids.ts'
import type { Hindrance, OrderState } from '#schema/why.ts'
import { sayHelp, sayReason, sayTime } from './words.ts'

/** Why it does not go on, when it is tried again, and what would help. */
export function sayHindrance(hindrance: Hindrance, who: NodeId, now: number): string[] {
  const { reason, detail, at, cause } = hindrance
  const seen = at === null ? '' : ` Last seen ${sayTime(at)}.`
  const what = cause ?? { reason, detail }
  return [
    `${sayReason(reason, detail, who)}${seen}`,
    ...(cause ? [`What the last attempt failed for: ${sayReason(cause.reason, cause.detail, who)}`] : []),
    ...sayNext(hindrance, now),
    `What would help: ${sayHelp(what.reason, what.detail, who)}`,
  ]
}

/** Nothing is sent to whom it may not be sent to; everything else is tried by itself. */
const waits: ReadonlySet<string> = new Set(['policy-hold', 'version', 'refused'])

function sayNext({ nextAttemptBy: by, reason }: Hindrance, now: number): string[] {
  if (by === null) return waits.has(reason) ? ['Nothing is tried before that changes.'] : []
  return [
    by <= now
      ? 'The next attempt is due now, or under way.'
      : `The next attempt is at ${sayTime(by)} at the latest.`,
  ]
}

/** Where nothing keeps it, as far as anybody has written down. */
export const nothingWrong =
  'Nothing is recorded that stands in its way. If that is so for longer than half a minute, the node does not run, or its log says why.'

/** An order to end access, and how far it has come. */
export function sayOrder({
  host,
  node,
  n,
  space,
  subject,
  at,
  confirmedAt,
  purges,
  purgedAt,
}: OrderState): string {
  const whom = subject ?? 'everybody of it'
  const denied = confirmedAt === null ? 'not confirmed yet' : `confirmed ${sayTime(confirmedAt)}`
  return `Order ${n} of ${host} to ${node} ends the access of ${whom} to ${space}: given ${sayTime(at)}, ${denied}${purges ? `, ${sayPurge(purgedAt)}` : ''}.`
}

function sayPurge(at: number | null): string {
  return at === null ? 'the deletion not confirmed yet' : `the deletion confirmed ${sayTime(at)}`
}
