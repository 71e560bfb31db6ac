import type { SpaceId } from '#schema/ids.ts'

// Where somebody is, which stands in the address after the `#`.

export type Place =
  | { readonly at: 'inbox' }
  | { readonly at: 'space'; readonly id: SpaceId }
  | { readonly at: 'page'; readonly path: readonly string[] }

export function placeIn(hash: string): Place {
  const text = hash.replace(/^#/, '')
  if (text === '') return { at: 'inbox' }
  if (/^s_[\w-]{43}$/.test(text)) return { at: 'space', id: text as SpaceId }
  return { at: 'page', path: text.split('/').map(decoded) }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export function addressOf(...path: readonly string[]): string {
  return `#${path.map(encodeURIComponent).join('/')}`
}
