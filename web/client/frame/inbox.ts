import type { SpaceSummary } from '#schema/space.ts'
import { showBeginning } from '../invite/begin.ts'
import { isUnread, type Model } from '../model/model.ts'
import { hostSentence, recoverySentence } from '../model/watch.ts'
import { badge, companies } from '../people/badge.ts'
import { kindWord, titleOf } from '../space/words.ts'
import { h, type Item, replace, sync } from '../ui/dom.ts'
import { icon } from '../ui/icons.ts'
import { shortTime } from '../ui/times.ts'

/** The left side: what waits for an answer, and my spaces, those with news first. */
export function inboxView(model: Model): HTMLElement {
  const { me } = model
  const list = h('ul', { class: 'spaces' })
  const status = h('p', { class: 'status', role: 'status' })
  const nothing = h('p', { class: 'hint' })
  const find = h('input', {
    type: 'search',
    'aria-label': 'Find in the inbox',
    placeholder: 'Find',
    autocomplete: 'off',
  })

  const begin = h(
    'button',
    { type: 'button', class: 'main with-icon', click: () => showBeginning(model) },
    icon('plus'),
    'New',
  )

  function draw(): void {
    // A guest begins threads in groups only.
    begin.hidden = me.role === 'guest' && !model.spaces.some(({ kind }) => kind === 'group')
    const wanted = find.value.trim().toLowerCase()
    const spaces = model.spaces
      .filter((space) => titleOf(space).toLowerCase().includes(wanted))
      .toSorted((a, b) => b.headAt - a.headAt)
    nothing.hidden = spaces.length > 0
    nothing.textContent =
      wanted === '' ? 'Nothing here yet. Start a thread, or wait to be invited.' : 'Nothing has such a name.'
    sync(
      list,
      spaces.map((space) => itemOf(model, space)),
    )
  }

  find.addEventListener('input', draw)
  model.on('inbox', draw)
  model.on('connection', () => {
    status.textContent = model.isLive ? '' : 'Connecting…'
  })
  return h(
    'nav',
    { class: 'inbox', 'aria-label': 'Inbox' },
    h(
      'header',
      {},
      h('img', { src: '/client/icon.svg', alt: '', width: 26, height: 26 }),
      h(
        'div',
        { class: 'name' },
        h('h1', {}, me.organisation ?? me.node),
        h('p', { class: 'about' }, me.name),
      ),
      begin,
    ),
    h('div', { class: 'find' }, icon('search'), find),
    status,
    hostsView(model),
    waitingView(model),
    h('div', { class: 'scroll' }, list, nothing),
  )
}

/** Which companies are not there, and what that means for what they host. */
function hostsView(model: Model): HTMLElement {
  const element = h('div', { class: 'hosts', role: 'status' })
  model.on('hosts', () => {
    const sentences = model.recovering
      ? [recoverySentence]
      : model.hosts.flatMap((host) => hostSentence(host) ?? [])
    const shown = [...element.children].map((child) => child.textContent)
    if (shown.join() !== sentences.join()) replace(element, ...sentences.map((one) => h('p', {}, one)))
  })
  return element
}

/** One line that says that invitations wait; they have a page of their own. */
function waitingView(model: Model): HTMLElement {
  const link = h('a', { href: '#invitations', class: 'waiting', hidden: true })
  model.on('invitations', () => {
    const open = model.invitations.filter(({ status }) => status === 'open')
    link.hidden = open.length === 0
    const [first] = open
    const text =
      open.length === 1 && first
        ? `${first.inviter.name} invites you to “${titleOf(first)}”`
        : `${open.length} invitations wait for your answer`
    link.replaceChildren(icon('invitation'), h('span', {}, text), icon('next'))
  })
  return link
}

const kindIcons = { group: 'group', thread: 'thread', dm: 'direct' } as const

function itemOf(model: Model, space: SpaceSummary): Item {
  const isOpen = model.opened?.id === space.id
  const unread = isUnread(space) && !isOpen
  const time = shortTime(space.headAt, Date.now())
  const readers = companies(model, space.nodes)
  const others = space.nodes.filter((node) => node !== model.me.node)
  const hasBadge = model.badgesEverywhere && space.external
  return {
    key: space.id,
    look: JSON.stringify([titleOf(space), unread, isOpen, time, readers, hasBadge]),
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
          h('span', { class: 'kind' }, icon(kindIcons[space.kind])),
          h(
            'span',
            { class: 'title' },
            titleOf(space),
            hasBadge && ' ',
            hasBadge && badge(others.join(', ') || space.host),
          ),
          h('time', { datetime: new Date(space.headAt).toISOString() }, time),
          h('span', { class: 'readers' }, `${kindWord(space.kind)} · ${readers}`),
          unread && h('span', { class: 'dot' }, h('span', { class: 'for-ears' }, 'unread')),
        ),
      ),
  }
}
