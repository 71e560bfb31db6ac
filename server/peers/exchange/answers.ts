import type { Reason } from '#schema/reason.ts'
import type { RefusalCode } from '#schema/refusal.ts'

// What a host does when a push is not taken (G9). Only the node itself, in a problem document, ends anything; what a
// web server, a proxy or a stranger's page says is nobody's word, and nothing here is ever deleted because of an answer.

/**
 * - `stop`: nothing more is sent of this space, until the node asks for it or somebody of it joins again
 * - `anew`: it has deleted its copy, so it is offered the space from the beginning
 * - `later`: this space comes again after a pause that grows; the others of the node go on
 * - `rest`: nothing goes to this node for a while
 */
export type Next = 'stop' | 'anew' | 'later' | 'rest'

const ofSpace: Partial<Record<RefusalCode, Next>> = {
  'not-participating': 'stop',
  'partner-blocked': 'stop',
  'not-host': 'stop',
  'space-purged': 'anew',
}

/** It does not matter which space: the next would be refused alike. */
const ofNode: readonly RefusalCode[] = [
  'rate',
  'storage-unavailable',
  'stranger',
  'approval-pending',
  'partner-paused',
  'key-conflict',
  'key-unknown',
  'key-retired',
  'clock-skew',
  'replay',
  'signature-missing',
  'signature-profile',
  'signature-invalid',
  'wrong-destination',
  'version',
]

/** After a problem document of the node. Codes that this version does not know are tried again. */
export function afterRefusal(code: string): Next {
  if (ofNode.some((known) => known === code)) return 'rest'
  return ofSpace[code as RefusalCode] ?? 'later'
}

/** After no answer, or none of the node. */
export function afterFailure({ reason, detail }: { readonly reason: Reason; readonly detail: string }): Next {
  // It may be this batch that makes the node fail. Whether it is all of them is for the breaker to find out.
  if (reason === 'timeout-answer' || reason === 'bad-answer') return 'later'
  const isServerError = reason === 'http-status' && !detail.startsWith('status-4')
  return isServerError ? 'later' : 'rest'
}
