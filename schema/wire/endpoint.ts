import type { z } from 'zod'
import type { Endpoint } from '../endpoint.ts'

/** The independent ways between two nodes (§9.1), and what is asked of a node before there is any. */
export type Lane = 'discovery' | 'control' | 'log' | 'submit'

/** A contract of the federation API. Its `url` is below the base_url of the node that serves it. */
export type WireEndpoint = Endpoint & {
  readonly method: 'GET' | 'POST'
  readonly policy: 'anyone' | 'stranger' | 'peer' | 'partner'
  readonly lane: Lane
  /** What only takes access away, or confirms that: it is exchanged with a paused partner too. */
  readonly evenWhenPaused?: true
  /** What a node asks, answers, or both, while it does not know what it said after the backup (SPEC B2). */
  readonly inRecovery?: 'asked' | 'answered' | 'both'
  /** An order to end access goes to somebody whom we have blocked, too. */
  readonly evenWhenBlocked?: true
}

/** What a caller sends: before defaults are filled in. */
export type BodyOf<C extends WireEndpoint> = C extends { readonly body: infer S extends z.ZodType }
  ? z.input<S>
  : never
/** What the caller gets and the handler returns. */
export type ReplyOf<C extends WireEndpoint> = z.output<C['reply']['schema']>
/** What a handler is given. */
export type Given<C extends WireEndpoint, K extends 'params' | 'querystring' | 'body'> =
  C extends Record<K, infer S extends z.ZodType> ? z.output<S> : undefined
