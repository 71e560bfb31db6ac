import { afterFailure } from './exchange/answers.ts'
import type { PeerAnswer } from './exchange/call.ts'

/** What became of sending one control message: done for good, to be tried again, or nobody was reached. */
export type Sent =
  | { readonly do: 'finish'; readonly outcome: string }
  | { readonly do: 'retry'; readonly why: string }
  | { readonly do: 'unreachable' }

/** A refusal that asks to come again later is tried again; any other is final. */
export function sentOf(answer: PeerAnswer<unknown>): Sent {
  if (answer.ok) return { do: 'finish', outcome: 'delivered' }
  // What the other side may fail over is this message: those behind it go on.
  if ('failed' in answer) {
    const { reason } = answer.failed
    return afterFailure(answer.failed) === 'rest' ? { do: 'unreachable' } : { do: 'retry', why: reason }
  }
  const { code, retry } = answer.refused
  return retry === 'never' ? { do: 'finish', outcome: code } : { do: 'retry', why: code }
}
