import { h } from './dom.ts'

export type Mood = 'good' | 'bad' | 'open' | 'plain'

/** A word for how something stands; the colour only repeats it. */
export function state(word: string, mood: Mood = 'plain'): HTMLElement {
  return h('span', { class: `state ${mood}` }, word)
}
