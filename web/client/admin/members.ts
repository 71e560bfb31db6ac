import type {
  Account,
  changeRole,
  deleteAccount,
  listAccounts,
  reactivateAccount,
  suspendAccount,
} from '#schema/api/accounts.ts'
import { pageView, section } from '../frame/page.ts'
import { call } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { askFirst, openDialog } from '../ui/dialog.ts'
import { h } from '../ui/dom.ts'
import { face } from '../ui/face.ts'
import { choices, form, typedIn } from '../ui/form.ts'
import { loaded } from '../ui/loaded.ts'
import { menu, type MenuItem } from '../ui/menu.ts'
import { state } from '../ui/state.ts'
import { enrolmentForm } from './enrolment.ts'

const roleWords = { owner: 'Owner', admin: 'Administrator', member: 'Member', guest: 'Guest' } as const

/** The accounts of the workspace's own people. */
export function membersPage(model: Model): HTMLElement {
  const list = loaded(
    async () =>
      await call<typeof listAccounts>({ method: 'GET', url: '/api/accounts', querystring: { limit: 200 } }),
    ({ accounts }, again) => [
      h('ul', { class: 'list' }, ...accounts.map((account) => accountItem(model, account, again))),
    ],
  )
  return pageView(
    { title: 'Members', about: 'The people of your workspace.', back: '#admin' },
    section('Members', list.element),
    section('New members', enrolmentForm()),
  )
}

function accountItem(model: Model, account: Account, again: () => Promise<void>): HTMLElement {
  const { person, handle, role, status, sessions } = account
  const isMe = person.id === model.me.id
  const places = sessions === 1 ? 'signed in at one place' : `signed in at ${sessions} places`
  return h(
    'li',
    { class: 'row' },
    face(person.name, person.id),
    h(
      'div',
      { class: 'row-text' },
      h('span', { class: 'name' }, isMe ? `${person.name} (you)` : person.name),
      ' ',
      role !== 'member' && state(roleWords[role]),
      ' ',
      status === 'suspended' && state('Suspended', 'bad'),
      h('p', { class: 'hint' }, `@${handle} · ${sessions === 0 ? 'not signed in' : places}`),
    ),
    menu(`What to do with ${person.name}`, actsOn(account, again)),
  )
}

function actsOn({ person, role, status }: Account, again: () => Promise<void>): MenuItem[] {
  const params = { userId: person.id }
  const { name } = person
  const isSuspended = status === 'suspended'
  const toggle: MenuItem = isSuspended
    ? {
        text: 'Reactivate…',
        act: () =>
          askFirst(
            {
              title: `Reactivate ${name}?`,
              text: [h('p', {}, 'They can sign in again. What they were in does not come back by itself.')],
              act: 'Reactivate',
            },
            async () => {
              await call<typeof reactivateAccount>({
                method: 'POST',
                url: '/api/accounts/:userId/reactivate',
                params,
              })
              await again()
            },
          ),
      }
    : {
        text: 'Suspend…',
        isDangerous: true,
        act: () =>
          askFirst(
            {
              title: `Suspend ${name}?`,
              text: [
                h(
                  'p',
                  {},
                  'They are signed out everywhere at once and leave every group and thread, at other companies within a minute.',
                ),
              ],
              act: 'Suspend',
              isDangerous: true,
            },
            async () => {
              await call<typeof suspendAccount>({
                method: 'POST',
                url: '/api/accounts/:userId/suspend',
                params,
              })
              await again()
            },
          ),
      }
  return [
    { text: 'Role…', act: () => showRole({ name, role, params }, again) },
    toggle,
    { text: 'Delete…', isDangerous: true, act: () => askToDelete({ name, params }, again) },
  ]
}

type Named = { readonly name: string; readonly params: { readonly userId: Account['person']['id'] } }

function showRole(
  { name, role, params }: Named & { readonly role: Account['role'] },
  again: () => Promise<void>,
): void {
  openDialog(`The role of ${name}`, (close) => [
    form(
      {},
      async (typed) => {
        const next = typedIn(typed, 'role')
        await call<typeof changeRole>({
          method: 'PUT',
          url: '/api/accounts/:userId/role',
          params,
          body: { role: next === 'owner' || next === 'admin' ? next : 'member' },
        })
        close()
        await again()
      },
      choices({ label: 'Role', name: 'role', value: role }, [
        { value: 'member', text: 'Member' },
        { value: 'admin', text: 'Administrator', hint: 'Decides about partners, policies and people.' },
        { value: 'owner', text: 'Owner', hint: 'Decides about administrators too.' },
      ]),
      h(
        'div',
        { class: 'choices' },
        h('button', { type: 'button', click: close }, 'Cancel'),
        h('button', { class: 'main' }, 'Change'),
      ),
    ),
  ])
}

function askToDelete({ name, params }: Named, again: () => Promise<void>): void {
  askFirst(
    {
      title: `Delete the account of ${name}?`,
      text: [
        h(
          'p',
          {},
          'Like suspending, and for good: it cannot be taken back. What they wrote keeps their name.',
        ),
      ],
      act: 'Delete',
      isDangerous: true,
    },
    async () => {
      await call<typeof deleteAccount>({ method: 'DELETE', url: '/api/accounts/:userId', params })
      await again()
    },
  )
}
