import type { Outcome } from '#federation/outcome.ts'
import type { HttpAnswer } from '#federation/transport/http.ts'
import type { NodeId } from '#schema/ids.ts'
import { reasonOf } from '#schema/reason.ts'
import type { Context } from '#server/context.ts'
import { exchangeWith, failed, headerOf, type PeerAnswer } from '../exchange/outgoing.ts'

/** A public document of another node, and how to read it. */
export type Wanted<T> = {
  readonly node: NodeId
  /** Whose socket it is: the node itself, or the host of its base_url. */
  readonly authority: NodeId
  readonly target: string
  /** As the rows of the federation log name it. */
  readonly route: string
  /** Exactly this, or it is not the document: users may upload files that look like one. */
  readonly contentType: string
  readonly bytesMax: number
  /** All that can be judged now, so that the row says why it was not believed. */
  readonly read: (body: Uint8Array) => Outcome<T>
}

/** Fetches an unsigned document. Redirects are answers like others, and no document. */
export async function fetchDocument<T>(context: Context, wanted: Wanted<T>): Promise<PeerAnswer<T>> {
  const { node, route, authority, target, bytesMax: answerBytesMax } = wanted
  const about = { node, route, lane: 'discovery' } as const
  const request = {
    origin: `https://${authority}`,
    method: 'GET',
    target,
    headers: { accept: wanted.contentType },
    answerBytesMax,
  } as const
  return await exchangeWith(context, about, request, (answer) => readAnswer(wanted, answer))
}

function readAnswer<T>({ contentType, read }: Wanted<T>, answer: HttpAnswer): PeerAnswer<T> {
  const { status, body } = answer
  if (status >= 300 && status < 400) return failed('http-status', `redirect-${status}`)
  if (status !== 200) return failed('http-status', `status-${status}`)
  if (headerOf(answer, 'content-type') !== contentType) return failed('bad-answer', 'content-type')
  const outcome = read(body)
  if (outcome.ok) return outcome
  const reason = reasonOf(outcome.code)
  return failed(reason === 'refused' ? 'bad-answer' : reason, outcome.detail ?? outcome.code, outcome.code)
}
