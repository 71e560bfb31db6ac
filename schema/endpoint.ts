import type { z } from 'zod'

/**
 * Who may call an endpoint of the client API:
 * - `public`: anybody, without a session
 * - `user`: a signed-in account, a guest's too; what it may see is decided behind the domain's doors
 * - `member`: a signed-in account of the workspace; guests are told that there is nothing
 * - `admin`: an account with the role owner or admin
 *
 * And of the federation API:
 * - `anyone`: unsigned, public documents
 * - `stranger`: signed by any node, under tight limits
 * - `peer`: signed by a node we know as a partner, or as a participant of a shared space
 * - `partner`: signed by an approved node
 */
export type Policy = 'public' | 'user' | 'member' | 'admin' | 'anyone' | 'stranger' | 'peer' | 'partner'

/** One request/reply contract, shared by the route that serves it, the client that calls it and the reference page. */
export type Endpoint = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly summary: string
  readonly policy: Policy
  readonly params?: z.ZodType
  readonly querystring?: z.ZodType
  readonly body?: z.ZodType
  readonly reply: { readonly status: number; readonly schema: z.ZodType }
  /** The largest body, in bytes; `limits.apiBodyBytesMax` when absent. */
  readonly bodyBytesMax?: number
  /** Needs an Idempotency-Key header: the same request under the same key is done once. */
  readonly idempotent?: true
  /** Attempts that one address may make in a minute on one handle, e-mail address or token, which the body names. */
  readonly attemptsPerMinuteMax?: number
}

export function endpoint<const E extends Endpoint>(contract: E): E {
  return contract
}
