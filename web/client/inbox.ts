import type { endSession } from '#schema/api/sessions.ts'
import type { SpaceSummary } from '#schema/space.ts'
import { call } from './api.ts'
import { showBeginning } from './begin.ts'
import { h, type Item, sync } from './dom.ts'
import { invitationsView } from './invitations.ts'
import { isUnread, type Model } from './model.ts'
import { companies } from './people.ts'
import { shortTime, titleOf } from './words.ts'

/** The left side: who I am, what waits for an answer, and my spaces, those with news first. */
export function inboxView(model: Model, left: () => void): HTMLElement {
  const { me } = model
  const list = h('ul', { class: 'spaces' })
  const status = h('p', { class: 'status', role: 'status' })
  const empty = h('p', { class: 'hint' }, 'Nothing here yet. Start a thread, or wait to be invited.')

  model.on('inbox', () => {
    const spaces = model.spaces.toSorted((a, b) => b.headAt - a.headAt)
    empty.hidden = spaces.length > 0
    sync(
      list,
      spaces.map((space) => itemOf(model, space)),
    )
  })
  model.on('connection', () => {
    status.textContent = model.isLive ? '' : 'Connecting…'
  })

  async function signOut(): Promise<void> {
    await call<typeof endSession>({ method: 'DELETE', url: '/api/sessions/current' }).catch(() => {})
    left()
  }

  return h(
    'nav',
    { class: 'inbox', 'aria-label': 'Inbox' },
    h(
      'header',
      {},
      h('img', { src: '/client/icon.svg', alt: '', width: 24, height: 24 }),
      h('h1', {}, me.organisation ?? me.node),
      h('button', { type: 'button', class: 'main', click: () => showBeginning(model) }, 'New'),
    ),
    status,
    invitationsView(model),
    h('div', { class: 'scroll' }, list, empty),
    h(
      'footer',
      {},
      h('div', { class: 'who' }, h('strong', {}, me.name), h('span', {}, `@${me.handle}:${me.node}`)),
      h('button', { type: 'button', class: 'plain', click: () => void signOut() }, 'Sign out'),
    ),
  )
}

function itemOf(model: Model, space: SpaceSummary): Item {
  const isOpen = model.opened?.id === space.id
  const unread = isUnread(space) && !isOpen
  const time = shortTime(space.headAt, Date.now())
  const others = space.nodes.filter((node) => node !== model.me.node)
  return {
    key: space.id,
    look: JSON.stringify([titleOf(space), unread, isOpen, time, others]),
    build: () =>
      h(
        'li',
        {},
        h(
          'a',
          {
            href: `#${space.id}`,
            class: unread ? 'unread' : undefined,
            'aria-current': isOpen ? 'page' : undefined,
          },
          h('span', { class: 'kind', 'aria-hidden': 'true' }, space.kind === 'group' ? '#' : '›'),
          h('span', { class: 'title' }, titleOf(space)),
          unread && h('span', { class: 'dot' }, h('span', { class: 'for-ears' }, 'unread')),
          h('time', { datetime: new Date(space.headAt).toISOString() }, time),
          h('span', { class: 'readers' }, `${space.kind} · ${companies(model, space.nodes)}`),
        ),
      ),
  }
}
