import type { Contact, listContacts, pinContact, unpinContact } from '#schema/api/contacts.ts'
import type { z } from 'zod'
import { pageView } from '../frame/page.ts'
import { showDirect } from '../invite/direct.ts'
import { call } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { h } from '../ui/dom.ts'
import { face } from '../ui/face.ts'
import { icon } from '../ui/icons.ts'
import { empty, loaded } from '../ui/loaded.ts'
import { menu, type MenuItem } from '../ui/menu.ts'
import { badgesOf } from './badge.ts'
import { showCard } from './card.ts'

type Known = z.output<typeof Contact>

const typingMs = 150

/** Colleagues and contacts: whom I may add by name, and nobody else. */
export function peoplePage(model: Model): HTMLElement {
  const find = h('input', {
    type: 'search',
    'aria-label': 'Find people',
    placeholder: 'Find people by name',
    autocomplete: 'off',
  })
  const list = loaded(
    async () =>
      await call<typeof listContacts>({
        method: 'GET',
        url: '/api/contacts',
        querystring: { query: find.value.trim(), limit: 100 },
      }),
    ({ contacts }, again) =>
      contacts.length === 0
        ? [empty('Nobody of that name. People of other companies are found by their full address only.')]
        : [h('ul', { class: 'list' }, ...contacts.map((contact) => contactItem(model, contact, again)))],
  )
  let timer: ReturnType<typeof setTimeout> | undefined
  find.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(() => void list.again(), typingMs)
  })
  return pageView(
    {
      title: 'People',
      about:
        model.me.role === 'guest'
          ? 'Those whom you share something with.'
          : 'Your colleagues, and people of other companies whom you have to do with.',
      back: '#',
      actions: [
        h(
          'button',
          { type: 'button', class: 'with-icon', click: () => showDirect(model) },
          icon('direct'),
          'Write to…',
        ),
      ],
    },
    h('div', { class: 'find in-page' }, icon('search'), find),
    list.element,
  )
}

function contactItem(model: Model, contact: Known, again: () => Promise<void>): HTMLElement {
  const { person, handle, isPinned } = contact
  const isMe = person.id === model.me.id
  return h(
    'li',
    { class: 'row' },
    face(person.name, person.id),
    h(
      'div',
      { class: 'row-text' },
      h(
        'button',
        { type: 'button', class: 'name linkish', click: () => showCard(model, person) },
        isMe ? `${person.name} (you)` : person.name,
      ),
      ...badgesOf(person),
      h('p', { class: 'hint' }, handle === null ? pinWords(isPinned) : `@${handle}`),
    ),
    !isMe && menu(`What to do with ${person.name}`, actsOn(model, contact, again)),
  )
}

function pinWords(isPinned: boolean): string {
  return isPinned ? 'Pinned' : 'Shares something with you'
}

function actsOn(model: Model, contact: Known, again: () => Promise<void>): MenuItem[] {
  const { person, handle, isPinned } = contact
  const params = { userId: person.id }
  const pin = async (): Promise<void> => {
    await (isPinned
      ? call<typeof unpinContact>({ method: 'DELETE', url: '/api/contacts/:userId', params })
      : call<typeof pinContact>({ method: 'PUT', url: '/api/contacts/:userId', params }))
    await again()
  }
  const picked =
    handle === null
      ? ({ by: 'user', user: person.id, person } as const)
      : ({ by: 'handle', handle, person } as const)
  const items: MenuItem[] = [
    { text: 'Profile', act: () => showCard(model, person) },
    { text: 'Write directly…', act: () => showDirect(model, picked) },
  ]
  // Colleagues are always there.
  if (handle === null)
    items.push({ text: isPinned ? 'Unpin' : 'Pin as a contact', act: () => void pin().catch(again) })
  return items
}
