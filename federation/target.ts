import { limits } from '#schema/limits.ts'
import { accept, refuse, type Outcome } from './outcome.ts'

// Request targets of signed routes (S2). What is signed must be what a router sees: so there is nothing in a
// target that any router, proxy or framework could decode, merge or resolve.

/** `query` is what RFC 9421 calls @query: `?` when there is none. */
export type Target = { readonly path: string; readonly query: string }

// No segment begins with a dot, none is empty; no percent sign, no semicolon, no final slash.
const form =
  /^((?:\/[A-Za-z0-9_~@-][A-Za-z0-9._~@-]*)+)(\?[a-z_]+=[A-Za-z0-9._~@-]+(?:&[a-z_]+=[A-Za-z0-9._~@-]+)*)?$/

/** Takes a raw request target apart: origin-form, each query name once. Refuses with `url-too-long` or `bad-target`. */
export function readTarget(raw: string): Outcome<Target> {
  if (raw.length > limits.urlBytesMax) return refuse('url-too-long')
  const parts = form.exec(raw)
  if (!parts) return refuse('bad-target', 'form')
  const query = parts[2]
  if (query === undefined) return accept({ path: parts[1]!, query: '?' })
  const names = query
    .slice(1)
    .split('&')
    .map((pair) => pair.slice(0, pair.indexOf('=')))
  if (new Set(names).size !== names.length) return refuse('bad-target', 'query-name-twice')
  return accept({ path: parts[1]!, query })
}

/** The raw target again, as it stands on the request line. */
export function formatTarget(target: Target): string {
  return target.query === '?' ? target.path : target.path + target.query
}
