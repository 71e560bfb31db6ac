import type { Entry } from '#schema/entry.ts'
import { badge, disputedBadge } from '../people/badge.ts'
import { type Child, h, type Item, sync } from '../ui/dom.ts'
import { hueOf } from '../ui/face.ts'
import { forget, submit } from '../model/messages.ts'
import type { Mine, Model, Opened } from '../model/model.ts'
import { loadEarlier, noteRead } from '../model/spaces.ts'
import { clockTime, dayOf } from '../ui/times.ts'
import { messageTextOf, nameOf, sentenceOf } from './words.ts'

// The log of the open space: messages, quiet lines for what else happened, and at the end what I wrote and the
// log has not brought yet.

const nearBottomPixels = 80
const sameBreathMs = 5 * 60 * 1000

export function logView(model: Model, opened: Opened): HTMLElement[] {
  const list = h('div', {
    class: 'log',
    role: 'log',
    'aria-label': 'Messages',
    'aria-busy': 'true',
    tabindex: 0,
  })
  const earlier = h('button', { type: 'button', class: 'plain earlier' }, 'Show what was before')
  const scroll = h('div', { class: 'scroll' }, earlier, list)
  const newer = h('button', { type: 'button', class: 'main newer', hidden: true }, 'New messages ↓')

  function isAtBottom(): boolean {
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < nearBottomPixels
  }

  function toBottom(): void {
    scroll.scrollTop = scroll.scrollHeight
  }

  function seen(): void {
    newer.hidden = newer.hidden || isAtBottom()
    if (isAtBottom() && !document.hidden) noteRead(model, opened).catch(() => {})
  }

  function draw(): void {
    const wasAtBottom = isAtBottom()
    const before = list.childElementCount
    sync(list, itemsOf(model, opened))
    earlier.hidden = (opened.entries[0]?.seq ?? 1) <= opened.space.fromSeq
    if (wasAtBottom || opened.mine.some(({ state }) => state === 'sending')) toBottom()
    else newer.hidden = list.childElementCount <= before
    seen()
  }

  earlier.addEventListener('click', () => {
    const fromBottom = scroll.scrollHeight - scroll.scrollTop
    loadEarlier(model, opened).then(
      () => (scroll.scrollTop = scroll.scrollHeight - fromBottom),
      (error: unknown) => console.warn(error),
    )
  })
  newer.addEventListener('click', toBottom)
  scroll.addEventListener('scroll', seen, { passive: true })
  document.addEventListener('visibilitychange', () => model.opened === opened && seen())
  model.on('log', draw, opened)
  draw()
  requestAnimationFrame(() => {
    const line = list.querySelector('.new-line')
    if (line) line.scrollIntoView({ block: 'center' })
    else toBottom()
    seen()
    list.setAttribute('aria-busy', 'false')
  })
  return [scroll, newer]
}

function itemsOf(model: Model, opened: Opened): Item[] {
  const items: Item[] = []
  let last: Entry | undefined
  const { fromSeq } = opened.space
  if (fromSeq > 1 && (opened.entries[0]?.seq ?? fromSeq) <= fromSeq)
    items.push(line('before', 'day', 'What was written before is not for you to see'))
  for (const entry of opened.entries) {
    const isOtherDay = last === undefined || dayOf(last.at) !== dayOf(entry.at)
    if (isOtherDay) items.push(line(`day ${dayOf(entry.at)}`, 'day', dayOf(entry.at)))
    const isNew = entry.seq === opened.newFrom
    if (isNew) items.push(line('new', 'new-line', 'New'))
    items.push(itemOf(model, entry, isOtherDay || isNew ? undefined : last))
    last = entry
  }
  for (const mine of opened.mine) items.push(mineItem(model, opened, mine))
  return items
}

function line(key: string, kind: string, text: string): Item {
  return { key, look: text, build: () => h('div', { class: kind, role: 'separator' }, h('span', {}, text)) }
}

function itemOf(model: Model, entry: Entry, previous: Entry | undefined): Item {
  const text = messageTextOf(entry)
  if (text === undefined) {
    const sentence = sentenceOf(model, entry)
    const time = clockTime(entry.at)
    return {
      key: entry.id,
      look: `${sentence} ${entry.disputed}`,
      build: () => h('p', { class: 'happened' }, sentence, ' ', doubtOf(entry), ' ', h('time', {}, time)),
    }
  }
  const goesOn =
    previous?.sender === entry.sender &&
    // A badge stands in the head of a message, so what has another one has a head of its own.
    previous.disputed === entry.disputed &&
    messageTextOf(previous) !== undefined &&
    entry.at - previous.at < sameBreathMs
  const hasBadge = model.badgesEverywhere && entry.person?.external === true
  return {
    key: entry.id,
    look: `${goesOn} ${hasBadge} ${entry.disputed}`,
    build: () =>
      messageElement({
        name: nameOf(model, entry.sender),
        node: entry.person?.node ?? '',
        hue: hueOf(entry.sender),
        at: entry.at,
        text,
        goesOn,
        badges: [hasBadge && badge(entry.person?.node ?? ''), ' ', doubtOf(entry)],
      }),
  }
}

function doubtOf({ disputed, sender }: Entry): Child {
  return disputed && disputedBadge(sender.slice(sender.indexOf('@') + 1))
}

function mineItem(model: Model, opened: Opened, mine: Mine): Item {
  const { host } = opened.space
  const words = {
    sending: 'Sending…',
    queued: host === model.me.node ? 'Sent' : `Waiting for ${host}…`,
    refused: mine.why ?? 'Refused',
    failed: mine.why ?? 'Not sent',
  }[mine.state]
  return {
    key: mine.key,
    look: `${mine.state} ${words}`,
    build() {
      const { me } = model
      const element = messageElement({
        name: me.name,
        node: me.node,
        hue: hueOf(me.id),
        at: mine.at,
        text: mine.text,
        goesOn: false,
      })
      element.classList.add('mine', mine.state)
      const again = h(
        'button',
        { type: 'button', click: () => void submit(model, opened, mine) },
        'Send again',
      )
      const drop = h('button', { type: 'button', click: () => forget(model, opened, mine) }, 'Remove')
      const isStuck = mine.state === 'refused' || mine.state === 'failed'
      element
        .querySelector('.body')
        ?.append(h('p', { class: 'fate' }, words, mine.state === 'failed' && again, isStuck && drop))
      return element
    },
  }
}

type Shown = {
  readonly name: string
  readonly node: string
  readonly hue: number
  readonly at: number
  readonly text: string
  readonly goesOn: boolean
  readonly badges?: readonly Child[]
}

function messageElement({ name, node, hue, at, text, goesOn, badges = [] }: Shown): HTMLElement {
  const time = h('time', { datetime: new Date(at).toISOString() }, clockTime(at))
  const initial = String.fromCodePoint(name.codePointAt(0) ?? 63).toUpperCase()
  return h(
    'article',
    { class: goesOn ? 'message goes-on' : 'message' },
    h('div', { class: `face hue-${hue}`, 'aria-hidden': 'true' }, goesOn ? '' : initial),
    h(
      'div',
      { class: 'body' },
      h(
        'header',
        { class: goesOn ? 'for-ears' : undefined },
        h('strong', { title: node }, name),
        ' ',
        ...badges,
        ' ',
        time,
      ),
      h('div', { class: 'text' }, ...linked(text)),
    ),
  )
}

/** The text, with its web addresses as links. Other schemes never become links. */
function linked(text: string): (Node | string)[] {
  return text
    .split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]])/)
    .map((part, i) =>
      i % 2 === 1 ? h('a', { href: part, rel: 'noopener noreferrer', target: '_blank' }, part) : part,
    )
}
