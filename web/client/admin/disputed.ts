import type { DisputedEntry, listDisputedEntries } from '#schema/api/disputed-entries.ts'
import { pageView } from '../frame/page.ts'
import { call, type ReplyOf, type RequestOf } from '../model/api.ts'
import { h } from '../ui/dom.ts'
import { field } from '../ui/form.ts'
import { dateTime } from '../ui/times.ts'
import { cell, pagedTable } from './table.ts'

type Page = ReplyOf<typeof listDisputedEntries>

/** What somebody else may have written, who had a company's signing key; newest first. */
export function disputedPage(): HTMLElement {
  return pageView(
    {
      title: 'Disputed',
      about:
        'What was accepted while somebody else may have had a company’s signing key, as that company says itself. Ask its people what of it is theirs. Nothing of it is deleted.',
      back: '#admin',
      isWide: true,
    },
    ...pagedTable({
      titles: ['When', 'Company', 'Who', 'What', 'Where'],
      nothing: 'Nothing is disputed.',
      filters: [
        field('Company', {
          name: 'node',
          type: 'search',
          placeholder: 'globex.example',
          autocapitalize: 'none',
        }),
      ],
      read: async (filter) => {
        const { entries, next } = await read(filter)
        return { rows: entries.map(rowOf), next }
      },
    }),
  )
}

async function read(filter: Readonly<Record<string, string>>): Promise<Page> {
  const querystring = { ...filter, limit: 50 } as RequestOf<typeof listDisputedEntries>['querystring']
  return await call<typeof listDisputedEntries>({ method: 'GET', url: '/api/disputed-entries', querystring })
}

function rowOf({ at, node, sender, type, space, seq }: DisputedEntry): HTMLElement {
  return h(
    'tr',
    {},
    cell('When', h('time', {}, dateTime(at))),
    cell('Company', node),
    cell('Who', h('code', {}, sender)),
    cell('What', h('code', {}, type)),
    cell('Where', h('code', {}, space), h('span', { class: 'hint' }, ` entry ${seq}`)),
  )
}
