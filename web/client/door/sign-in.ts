import type { createAccount, Me } from '#schema/api/accounts.ts'
import type { createSession } from '#schema/api/sessions.ts'
import { call } from '../model/api.ts'
import { h, replace } from '../ui/dom.ts'
import { field, form, typedIn } from '../ui/form.ts'

// The two pages for people without a session: sign in, and join by a one-time link.

type Entered = (me: Me) => void

export function showSignIn(root: HTMLElement, entered: Entered): void {
  document.title = `Sign in · ${location.hostname}`
  const page = form(
    { class: 'card' },
    async (typed) => {
      const handle = typedIn(typed, 'handle').trim().toLowerCase()
      const password = typedIn(typed, 'password')
      const { user } = await call<typeof createSession>({
        method: 'POST',
        url: '/api/sessions',
        body: { handle, password },
      })
      entered(user)
    },
    field('Handle', { name: 'handle', required: true, autocomplete: 'username', autocapitalize: 'none' }),
    field('Password', {
      name: 'password',
      type: 'password',
      required: true,
      autocomplete: 'current-password',
    }),
    h('button', { class: 'main' }, 'Sign in'),
  )
  showAlone(root, 'Sign in', page)
}

export function showJoin(root: HTMLElement, token: string, entered: Entered): void {
  document.title = `Join · ${location.hostname}`
  const page = form(
    { class: 'card' },
    async (typed) => {
      const body = {
        token,
        handle: typedIn(typed, 'handle').trim().toLowerCase(),
        name: typedIn(typed, 'name').trim(),
        password: typedIn(typed, 'password'),
      }
      const { user } = await call<typeof createAccount>({ method: 'POST', url: '/api/accounts', body })
      entered(user)
    },
    field('Your name', { name: 'name', required: true, autocomplete: 'name', maxlength: 80 }),
    field(
      'Handle',
      { name: 'handle', required: true, autocomplete: 'username', autocapitalize: 'none', maxlength: 32 },
      `What you sign in with. People of other companies find you as @handle:${location.hostname}.`,
    ),
    field(
      'Password',
      { name: 'password', type: 'password', required: true, autocomplete: 'new-password', minlength: 10 },
      'Ten characters or more.',
    ),
    h('button', { class: 'main' }, 'Join'),
  )
  showAlone(root, 'Join', page)
}

function showAlone(root: HTMLElement, title: string, page: HTMLElement): void {
  const mark = h('img', { src: '/client/icon.svg', alt: '', width: 40, height: 40 })
  const where = h('p', { class: 'where' }, location.hostname)
  replace(root, h('main', { class: 'alone' }, mark, h('h1', {}, title), where, page))
  page.querySelector('input')?.focus()
}
