import type { listSecurityEvents, SecurityEvent } from '#schema/api/security-events.ts'
import { pageView } from '../frame/page.ts'
import { call, type ReplyOf, type RequestOf } from '../model/api.ts'
import { copyable } from '../ui/copyable.ts'
import { h } from '../ui/dom.ts'
import { field } from '../ui/form.ts'
import { dateTime } from '../ui/times.ts'
import { cell, pagedTable } from './table.ts'
import { whyLink } from './why-link.ts'

type Page = ReplyOf<typeof listSecurityEvents>

/** What an operator has to look at, newest first, with the signed proof where there is one. */
export function securityEventsPage(): HTMLElement {
  return pageView(
    {
      title: 'Security events',
      about: 'What other companies, or this database, got wrong. Never what anybody wrote.',
      back: '#admin',
      isWide: true,
    },
    ...pagedTable({
      titles: ['When', 'Company', 'What', 'Evidence'],
      nothing: 'Nothing has happened.',
      filters: [
        field('Company', {
          name: 'peer',
          type: 'search',
          placeholder: 'globex.example',
          autocapitalize: 'none',
        }),
      ],
      read: async (filter) => {
        const { events, next } = await read(filter)
        return { rows: events.map(rowOf), next }
      },
    }),
  )
}

async function read(filter: Readonly<Record<string, string>>): Promise<Page> {
  const querystring = { ...filter, limit: 50 } as RequestOf<typeof listSecurityEvents>['querystring']
  return await call<typeof listSecurityEvents>({ method: 'GET', url: '/api/security-events', querystring })
}

function rowOf({ at, kind, peer, spaceId, detail, evidence }: SecurityEvent): HTMLElement {
  return h(
    'tr',
    {},
    cell('When', h('time', {}, dateTime(at))),
    cell('Company', peer ?? 'here'),
    cell(
      'What',
      h('code', {}, kind),
      h('span', { class: 'hint' }, ` ${detail}`),
      spaceId !== null && space(spaceId),
    ),
    cell('Evidence', evidence === null ? '' : evidenceView(evidence)),
  )
}

function space(id: string): HTMLElement {
  return h('p', { class: 'hint' }, 'In ', h('code', {}, id), ' ', whyLink(id))
}

function evidenceView({ a, b, entries }: NonNullable<SecurityEvent['evidence']>): HTMLElement {
  return h(
    'details',
    {},
    h('summary', {}, 'Two checkpoints, signed by that company'),
    copyable('One', a),
    copyable('The other', b),
    entries.length > 0 && copyable('The entries between them', entries.join('\n')),
  )
}
