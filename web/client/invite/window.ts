import type { HistoryWish } from '#schema/history.ts'
import { h } from '../ui/dom.ts'
import { choices, typedIn } from '../ui/form.ts'

// How much of what was written before somebody gets.

/** The choice, which begins with what is usual for the kind of space. */
export function windowChoice(kind: string): HTMLElement {
  const date = h('input', { type: 'date', name: 'history-date', 'aria-label': 'First day', hidden: true })
  const element = choices(
    { label: 'What they see of the past', name: 'history', value: kind === 'group' ? 'now' : 'all' },
    [
      { value: 'all', text: 'Everything', hint: 'As far back as you see it yourself.' },
      { value: 'now', text: 'Nothing', hint: 'They see what is written from their joining on.' },
      { value: 'date', text: 'From a day on' },
    ],
  )
  element.append(date)
  element.addEventListener('change', () => {
    date.hidden = element.querySelector<HTMLInputElement>('input[value=date]')?.checked !== true
    date.required = !date.hidden
  })
  return element
}

export function windowIn(typed: FormData): HistoryWish {
  const history = typedIn(typed, 'history')
  if (history !== 'date') return history === 'now' ? 'now' : 'all'
  // Midnight of that day where I am.
  const date = new Date(`${typedIn(typed, 'history-date')}T00:00`).getTime()
  if (Number.isNaN(date)) throw new Error('Choose the day from which on they see what was written.')
  return { date }
}

/** In words, for those who are asked and for those who are there. */
export function windowSentence(history: string, at: number | null, timeWord: (at: number) => string): string {
  if (history === 'all') return 'everything that was written before'
  if (history === 'now') return 'what is written from joining on'
  return at === null ? 'what was written since a certain point' : `what was written since ${timeWord(at)}`
}
