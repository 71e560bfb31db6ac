import type { createCodeSession, requestCode } from '#schema/api/codes.ts'
import type { sendInvitationCode as sendCode } from '#schema/api/mail-invitations.ts'
import { call } from '../model/api.ts'
import { h } from '../ui/dom.ts'
import { field, form, typedIn } from '../ui/form.ts'
import { type Entered, showAlone, wayBack } from './alone.ts'

/** Signing in by a code that comes by mail, in two steps. */
export function showCodeSignIn(root: HTMLElement, entered: Entered, back: () => void): void {
  const again = (): void => showCodeSignIn(root, entered, back)
  showAlone(
    root,
    'Sign in by e-mail',
    form(
      { class: 'card' },
      async (typed) => {
        const email = typedIn(typed, 'email').trim()
        const { challenge } = await call<typeof requestCode>({
          method: 'POST',
          url: '/api/codes',
          body: { email },
        })
        showCode(root, { challenge, email, entered, again, back })
      },
      field('E-mail address', {
        name: 'email',
        type: 'email',
        required: true,
        autofocus: true,
        autocomplete: 'email',
      }),
      h('button', { class: 'main' }, 'Send the code'),
    ),
    wayBack('Sign in otherwise', back),
  )
}

type Sent = {
  readonly challenge: string
  readonly email: string
  readonly entered: Entered
  readonly again: () => void
  readonly back: () => void
}

function showCode(root: HTMLElement, { challenge, email, entered, again, back }: Sent): void {
  showAlone(
    root,
    'Your code',
    h('p', { class: 'lead' }, `If ${email} has an account here, a code of six digits is on its way.`),
    form(
      { class: 'card' },
      async (typed) => {
        const { user } = await call<typeof createCodeSession>({
          method: 'POST',
          url: '/api/sessions/code',
          body: { challenge, code: codeIn(typed) },
        })
        entered(user)
      },
      codeField(),
      h('button', { class: 'main' }, 'Sign in'),
    ),
    h('div', { class: 'ways' }, h('button', { type: 'button', click: again }, 'No code came')),
    wayBack('Sign in otherwise', back),
  )
}

/** Six digits, as phones and mail programs fill them in. */
export function codeField(): HTMLElement {
  return field(
    'Code',
    {
      name: 'code',
      class: 'code',
      required: true,
      autofocus: true,
      inputmode: 'numeric',
      autocomplete: 'one-time-code',
      maxlength: 7,
    },
    'Six digits, good for ten minutes.',
  )
}

/** Mails a code to the address of an invitation. */
export async function sendInvitationCode(token: string): Promise<string> {
  const { challenge } = await call<typeof sendCode>({
    method: 'POST',
    url: '/api/mail-invitations/code',
    body: { token },
  })
  return challenge
}

/** People copy codes with a space in the middle. */
export function codeIn(typed: FormData): string {
  const code = typedIn(typed, 'code').replace(/\s/g, '')
  if (!/^[0-9]{6}$/.test(code)) throw new Error('The code has six digits.')
  return code
}
