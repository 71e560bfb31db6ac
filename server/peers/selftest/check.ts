import type { NodeId } from '#schema/ids.ts'
import { type Reason, reasonOf } from '#schema/reason.ts'
import type { PeerAnswer } from '../exchange/outgoing.ts'
import { sayHelp, sayReason } from '../why/words.ts'

/** `isWell` null: it could not be tried. */
export type Check = {
  readonly name: 'documents' | 'keys' | 'versions' | 'signature' | 'clock' | 'body' | 'way back'
  readonly isWell: boolean | null
  readonly reason: Reason | null
  readonly detail: string | null
  /** What was found, and what would help. */
  readonly sentences: readonly string[]
}

export function well(name: Check['name'], sentence: string): Check {
  return { name, isWell: true, reason: null, detail: null, sentences: [sentence] }
}

export function untried(name: Check['name'], why: string): Check {
  return { name, isWell: null, reason: null, detail: null, sentences: [why] }
}

export type No = { readonly reason: Reason; readonly detail: string | null }

export function noOf(answer: Exclude<PeerAnswer<unknown>, { ok: true }>): No {
  if ('failed' in answer) return { reason: answer.failed.reason, detail: answer.failed.detail }
  const { code, detail } = answer.refused
  return { reason: reasonOf(code, detail), detail: detail === undefined ? code : `${code}, ${detail}` }
}

export function failure(
  name: Check['name'],
  { reason, detail }: No,
  node: NodeId,
  more: readonly string[] = [],
): Check {
  const help = `What would help: ${sayHelp(reason, detail, node)}`
  return { name, isWell: false, reason, detail, sentences: [sayReason(reason, detail, node), ...more, help] }
}
