import type { createSession } from '#schema/api/sessions.ts'
import { call } from '../model/api.ts'
import { h } from '../ui/dom.ts'
import { field, form, typedIn } from '../ui/form.ts'
import { icon } from '../ui/icons.ts'
import { type Entered, showAlone } from './alone.ts'
import { showCodeSignIn } from './code.ts'
import { hasPasskeys, signInByPasskey } from './passkey.ts'

// The page for people without a session: by password, by passkey, or by a code that comes by mail.

export function showSignIn(root: HTMLElement, entered: Entered): void {
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
  async function byPasskey(): Promise<void> {
    problem.hidden = true
    try {
      entered(await signInByPasskey())
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error)
      problem.hidden = false
    }
  }
  const byCode = (): void => showCodeSignIn(root, entered, () => showSignIn(root, entered))
  showAlone(
    root,
    'Sign in',
    passwordForm(entered),
    h('p', { class: 'or' }, 'or'),
    h(
      'div',
      { class: 'ways' },
      hasPasskeys() &&
        h(
          'button',
          { type: 'button', class: 'with-icon', click: () => void byPasskey() },
          icon('key'),
          'Use a passkey',
        ),
      h(
        'button',
        { type: 'button', class: 'with-icon', click: byCode },
        icon('invitation'),
        'Get a code by e-mail',
      ),
      problem,
    ),
    h('p', { class: 'hint' }, 'Guests have no password: they sign in by a code or a passkey.'),
  )
}

function passwordForm(entered: Entered): HTMLElement {
  return form(
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
    field('Handle', {
      name: 'handle',
      required: true,
      autofocus: true,
      autocomplete: 'username',
      autocapitalize: 'none',
    }),
    field('Password', {
      name: 'password',
      type: 'password',
      required: true,
      autocomplete: 'current-password',
    }),
    h('button', { class: 'main' }, 'Sign in'),
  )
}
