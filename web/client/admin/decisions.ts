import type { Decision, listDecisions } from '#schema/api/policies.ts'
import type { z } from 'zod'
import { pageView } from '../frame/page.ts'
import { call, type ReplyOf, type RequestOf } from '../model/api.ts'
import { h } from '../ui/dom.ts'
import { field, select } from '../ui/form.ts'
import { dateTime } from '../ui/times.ts'
import { kindWord, ruleSentence, verdictState } from './decision-words.ts'
import { cell, pagedTable } from './table.ts'

type Page = ReplyOf<typeof listDecisions>

/** What the policies decided, newest first, each with the rule it came from. */
export function decisionsPage(): HTMLElement {
  return pageView(
    {
      title: 'Decisions',
      about: 'What the policies decided, and by which rule. Never what anybody wrote.',
      back: '#admin',
      isWide: true,
    },
    ...pagedTable({
      titles: ['When', 'What', 'Company', 'Verdict', 'Rule'],
      nothing: 'Nothing of this kind was decided.',
      filters: [
        field('Company', {
          name: 'peer',
          type: 'search',
          placeholder: 'globex.example',
          autocapitalize: 'none',
        }),
        select({ label: 'Verdict', name: 'verdict', value: '' }, [
          { value: '', text: 'All' },
          { value: 'allowed', text: 'Allowed' },
          { value: 'approval', text: 'Needs approval' },
          { value: 'refused', text: 'Refused' },
        ]),
      ],
      read: async (filter) => {
        const { decisions, next } = await read(filter)
        return { rows: decisions.map(rowOf), next }
      },
    }),
  )
}

async function read(filter: Readonly<Record<string, string>>): Promise<Page> {
  const querystring = { ...filter, limit: 50 } as RequestOf<typeof listDecisions>['querystring']
  return await call<typeof listDecisions>({ method: 'GET', url: '/api/decisions', querystring })
}

function rowOf({ at, kind, peer, verdict, rule, actor }: z.output<typeof Decision>): HTMLElement {
  return h(
    'tr',
    {},
    cell('When', h('time', {}, dateTime(at))),
    cell('What', kindWord(kind)),
    cell('Company', peer ?? (actor === null ? '' : 'here')),
    cell('Verdict', verdictState(verdict)),
    cell('Rule', ruleSentence(rule)),
  )
}
