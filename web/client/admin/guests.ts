import type { convertGuest, disableGuest, enableGuest, Guest, listGuests } from '#schema/api/guests.ts'
import type { z } from 'zod'
import { pageView } from '../frame/page.ts'
import { call } from '../model/api.ts'
import { askFirst, openDialog } from '../ui/dialog.ts'
import { h } from '../ui/dom.ts'
import { face } from '../ui/face.ts'
import { field, form, typedIn } from '../ui/form.ts'
import { empty, loaded } from '../ui/loaded.ts'
import { menu, type MenuItem } from '../ui/menu.ts'
import { state } from '../ui/state.ts'
import { dateOf, fromNow } from '../ui/times.ts'

type Account = z.output<typeof Guest>

/** The free accounts of people without a workspace. */
export function guestsPage(): HTMLElement {
  const list = loaded(
    async () =>
      await call<typeof listGuests>({ method: 'GET', url: '/api/guests', querystring: { limit: 200 } }),
    ({ guests }, again) =>
      guests.length === 0
        ? [
            empty(
              'There are no free accounts. One comes to be when somebody is invited by e-mail who has no workspace.',
            ),
          ]
        : [h('ul', { class: 'list' }, ...guests.map((guest) => guestItem(guest, again)))],
  )
  return pageView(
    { title: 'Guests', about: 'Free accounts of people without a workspace of their own.', back: '#admin' },
    list.element,
  )
}

function guestItem(guest: Account, again: () => Promise<void>): HTMLElement {
  const { person, email, status, lastUsedAt, expiresAt, spaces, storage } = guest
  const facts = [
    `in ${spaces} ${spaces === 1 ? 'space' : 'spaces'}`,
    `used ${dateOf(lastUsedAt)}`,
    status === 'active' && `ends ${fromNow(expiresAt)} unless used`,
    storage.usedBytes > 0 && `${Math.ceil(storage.usedBytes / 1024 / 1024)} MiB of files`,
  ].filter((fact) => fact !== false)
  return h(
    'li',
    { class: 'row' },
    face(person.name, person.id),
    h(
      'div',
      { class: 'row-text' },
      h('span', { class: 'name' }, person.name),
      ' ',
      status !== 'active' && state(status === 'suspended' ? 'Disabled' : 'Deleted', 'bad'),
      h('p', { class: 'hint' }, email),
      h('p', { class: 'hint' }, facts.join(' · ')),
    ),
    status !== 'deleted' && menu(`What to do with ${person.name}`, actsOn(guest, again)),
  )
}

function actsOn({ person, status }: Account, again: () => Promise<void>): MenuItem[] {
  const params = { userId: person.id }
  const enable = async (): Promise<void> => {
    await call<typeof enableGuest>({ method: 'POST', url: '/api/guests/:userId/enable', params })
    await again()
  }
  const disable = async (): Promise<void> => {
    await call<typeof disableGuest>({ method: 'POST', url: '/api/guests/:userId/disable', params })
    await again()
  }
  if (status === 'suspended') return [{ text: 'Enable', act: () => void enable() }]
  return [
    { text: 'Make a member…', act: () => showConverting(params.userId, person.name, again) },
    {
      text: 'Disable…',
      isDangerous: true,
      act: () =>
        askFirst(
          {
            title: `Disable the account of ${person.name}?`,
            text: [h('p', {}, 'They are signed out everywhere at once, until the account is enabled again.')],
            act: 'Disable',
            isDangerous: true,
          },
          disable,
        ),
    },
  ]
}

function showConverting(userId: Account['person']['id'], name: string, again: () => Promise<void>): void {
  openDialog(`Make ${name} a member`, (close) => [
    form(
      {},
      async (typed) => {
        await call<typeof convertGuest>({
          method: 'POST',
          url: '/api/guests/:userId/convert',
          params: { userId },
          body: { handle: typedIn(typed, 'handle').trim().toLowerCase() },
        })
        close()
        await again()
      },
      h(
        'p',
        {},
        'They see the groups of the workspace and can be found by colleagues from then on. They sign in again as before.',
      ),
      field('Handle', {
        name: 'handle',
        required: true,
        autofocus: true,
        autocapitalize: 'none',
        maxlength: 32,
      }),
      h(
        'div',
        { class: 'choices' },
        h('button', { type: 'button', click: close }, 'Cancel'),
        h('button', { class: 'main' }, 'Make a member'),
      ),
    ),
  ])
}
