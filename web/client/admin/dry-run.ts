import type { dryRunPolicy } from '#schema/api/policies.ts'
import { call, type ReplyOf, type RequestOf } from '../model/api.ts'
import { openDialog } from '../ui/dialog.ts'
import { type Child, h, replace } from '../ui/dom.ts'
import { form, select, typedIn } from '../ui/form.ts'
import { dateTime } from '../ui/times.ts'
import { kindWord, ruleSentence, verdictState } from './decision-words.ts'

export type Draft = RequestOf<typeof dryRunPolicy>['body']['draft']
type Outcome = ReplyOf<typeof dryRunPolicy>

/** What a draft would have decided otherwise, before anybody saves it. */
export function showDryRun(draft: Draft): void {
  openDialog('Try it on the last days', (close) => {
    const outcome = h('div', { class: 'outcome', role: 'status' })
    return [
      h(
        'p',
        {},
        'Everything that was decided in this time is decided again by what you have chosen. Nothing is changed.',
      ),
      form(
        {},
        async (typed) => {
          const reply = await call<typeof dryRunPolicy>({
            method: 'POST',
            url: '/api/policies/dry-run',
            body: { draft, days: Number(typedIn(typed, 'days')) },
          })
          replace(outcome, ...outcomeOf(reply))
        },
        select(
          { label: 'Of the last', name: 'days', value: '30' },
          ['1', '7', '30'].map((days) => ({ value: days, text: days === '1' ? 'day' : `${days} days` })),
        ),
        outcome,
        h(
          'div',
          { class: 'choices' },
          h('button', { type: 'button', click: close }, 'Close'),
          h('button', { class: 'main' }, 'Try'),
        ),
      ),
    ]
  })
}

function outcomeOf({ tried, isPartial, changed }: Outcome): Child[] {
  const partly = isPartial ? ' There was more in this time than is tried at once.' : ''
  if (changed.length === 0) return [h('p', {}, `All of ${tried} decisions would be the same.${partly}`)]
  return [
    h('p', {}, `${changed.length} of ${tried} decisions would be other ones.${partly}`),
    h(
      'ul',
      { class: 'list' },
      ...changed.map(({ decision, verdict, rule }) =>
        h(
          'li',
          { class: 'row' },
          h(
            'div',
            { class: 'row-text' },
            h(
              'span',
              { class: 'name' },
              kindWord(decision.kind),
              decision.peer === null ? '' : ` · ${decision.peer}`,
            ),
            h('p', {}, verdictState(decision.verdict), ' → ', verdictState(verdict)),
            h('p', { class: 'hint' }, `${ruleSentence(rule)} · ${dateTime(decision.at)}`),
          ),
        ),
      ),
    ),
  ]
}
