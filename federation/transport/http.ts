import type { Reason } from '#schema/reason.ts'

/** A request to another node, complete: everything that was signed stands in it as it was signed. */
export type HttpRequest = {
  /** `https://` and the authority that the statement names; whatever it connects to in development. */
  readonly origin: string
  readonly method: 'GET' | 'POST'
  /** Path and query. */
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly answerBytesMax: number
}

export type HttpAnswer = {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: Uint8Array
}

/** No answer came, or none that may be read. */
export type HttpFault = { readonly reason: Reason; readonly detail: string }

export type HttpResult =
  | { readonly ok: true; readonly answer: HttpAnswer }
  | { readonly ok: false; readonly fault: HttpFault }

/** The way out to other nodes. Redirects are never followed; private addresses are never reached. */
export type Http = {
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpResult>
  close(): Promise<void>
}
