import { toASCII, toUnicode } from 'tr46'
import { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { accept, refuse, type Outcome } from './outcome.ts'

// Domains as they travel. URL parsers fold full-width letters, soft hyphens, percent signs and spellings of
// IP addresses into one another; here nothing is folded: a text is the node id, or it is refused (N1 to N4).

const strict = {
  checkBidi: true,
  checkHyphens: true,
  checkJoiners: true,
  useSTD3ASCIIRules: true,
  verifyDNSLength: true,
}

const baseUrlForm = /^https:\/\/([^/]+)((?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*)$/

/** An API address, taken apart. `path` is empty or begins with a slash and does not end with one. */
export type BaseUrl = { readonly text: string; readonly authority: NodeId; readonly path: string }

/** A node id from the wire: grammar (N1), and a real A-label where one is claimed (N2). Refuses with `schema`. */
export function readDomain(text: string): Outcome<NodeId> {
  const id = NodeId.safeParse(text)
  if (!id.success) return refuse('schema', 'domain')
  // Lower-case LDH labels map to themselves unless hyphens in the third and fourth place claim a meaning.
  if (text.includes('--') && toASCII(text, strict) !== text) return refuse('schema', 'domain-label')
  return accept(id.data)
}

/**
 * The `base_url` of a node (N3): https, the default port and not written, a path without dot segments, percent
 * signs or final slash; no user-info, query, fragment. Its host may differ from the node id. Refuses with `schema`.
 */
export function readBaseUrl(text: string): Outcome<BaseUrl> {
  if (text.length > limits.baseUrlCharactersMax) return refuse('schema', 'base-url-length')
  const form = baseUrlForm.exec(text)
  if (!form) return refuse('schema', 'base-url')
  const authority = readDomain(form[1]!)
  if (!authority.ok) return refuse('schema', 'base-url-host')
  return accept({ text, authority: authority.value, path: form[2]! })
}

/**
 * What a person typed, once, before it is stored or sent (N4): outer space and a final dot go, letters are folded
 * as UTS 46 says, and the result is an A-label domain to be shown. Refuses with `invalid-address`.
 */
export function normaliseTypedDomain(typed: string): Outcome<NodeId> {
  const trimmed = typed.trim().replace(/\.$/, '')
  // Nothing of a URL: a person who pastes one means something else than a domain.
  if (trimmed.length > 253 || /[\s/\\:@?#%[\]]/.test(trimmed)) return refuse('invalid-address', 'domain')
  const ascii = toASCII(trimmed, strict)
  const id = ascii === null ? undefined : readDomain(ascii)
  return id?.ok ? id : refuse('invalid-address', 'domain')
}

/** A node id as people would read it, with the letters that its A-labels stand for: for comparing looks only. */
export function readableDomain(node: string): string {
  return toUnicode(node, strict).domain
}
