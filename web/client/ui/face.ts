import { h } from './dom.ts'

/** A person, as a letter on a colour that is theirs. */
export function face(name: string, id: string): HTMLElement {
  const initial = String.fromCodePoint(name.codePointAt(0) ?? 63).toUpperCase()
  return h('div', { class: `face hue-${hueOf(id)}`, 'aria-hidden': 'true' }, initial)
}

export function hueOf(id: string): number {
  let sum = 0
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 99_991
  return sum % 8
}
