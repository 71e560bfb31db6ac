import type { createAccount } from '#schema/api/accounts.ts'
import { call } from '../model/api.ts'
import { h } from '../ui/dom.ts'
import { field, form, typedIn } from '../ui/form.ts'
import { type Entered, showAlone } from './alone.ts'

/** The page behind a one-time link that makes its holder a member of the workspace. */
export function showJoin(root: HTMLElement, token: string, entered: Entered): void {
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
    field('Your name', {
      name: 'name',
      required: true,
      autofocus: true,
      autocomplete: 'name',
      maxlength: 80,
    }),
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
