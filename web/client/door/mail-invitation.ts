import type {
  acceptMailInvitation,
  declineMailInvitation,
  OpenedInvitation,
  openMailInvitation,
} from '#schema/api/mail-invitations.ts'
import type { z } from 'zod'
import { windowSentence } from '../invite/window.ts'
import { call } from '../model/api.ts'
import { listed, titleOf } from '../space/words.ts'
import { h } from '../ui/dom.ts'
import { field, form, typedIn } from '../ui/form.ts'
import { icon, type IconName } from '../ui/icons.ts'
import { dateOf, fromNow } from '../ui/times.ts'
import { type Entered, showAlone, wayBack } from './alone.ts'
import { codeField, codeIn, sendInvitationCode } from './code.ts'
import { showHandOver } from './hand-over.ts'

// What the link in a mail leads to. Seeing it uses nothing up; the person decides: with a workspace of their own, or
// with a free account here.

type Opened = z.output<typeof OpenedInvitation>
type Door = { readonly root: HTMLElement; readonly token: string; readonly entered: Entered }

export async function showMailInvitation(door: Door): Promise<void> {
  const { root, token } = door
  try {
    const invitation = await call<typeof openMailInvitation>({
      method: 'POST',
      url: '/api/mail-invitations/open',
      body: { token },
    })
    showChoice(door, invitation)
  } catch (error) {
    showAlone(
      root,
      'Invitation',
      h('p', { role: 'alert' }, error instanceof Error ? error.message : String(error)),
      h('div', { class: 'ways' }, h('a', { class: 'button', href: '/' }, 'To the start page')),
    )
  }
}

function showChoice(door: Door, invitation: Opened): void {
  const { inviter, guests } = invitation
  const toOwn = (): void => showHandOver(door, invitation, () => showChoice(door, invitation))
  showAlone(
    door.root,
    `${inviter.name} invites you`,
    factsOf(invitation),
    h(
      'div',
      { class: 'ways' },
      h('button', { type: 'button', class: 'main', click: toOwn }, 'Use my company’s workspace'),
      guests &&
        h(
          'button',
          { type: 'button', click: () => showAccount(door, invitation) },
          'Continue with a free account',
        ),
      h(
        'button',
        { type: 'button', class: 'plain', click: () => showDeclining(door, invitation) },
        'Decline',
      ),
    ),
    h(
      'p',
      { class: 'hint' },
      guests
        ? 'With a free account you read and write where you were invited. It costs nothing, and ends after 90 days without use.'
        : 'This workspace has no free accounts: you need a workspace of your own.',
    ),
  )
}

function factsOf(invitation: Opened): HTMLElement {
  const { host, organisation, inviter, kind, role, history, roster, email, expiresAt } = invitation
  const others = roster.filter((node) => node !== host)
  const company = organisation === null ? host : `${organisation} (${host})`
  const also =
    others.length > 0 ? ` ${listed(others)} ${others.length === 1 ? 'takes' : 'take'} part too.` : ''
  return h(
    'div',
    { class: 'card' },
    h('h2', {}, titleOf(invitation)),
    h(
      'ul',
      { class: 'facts' },
      fact('person', `${inviter.name} of ${inviter.node} invites ${email} to this ${kind}.`),
      fact('company', `${company} hosts it.${also}`),
      fact('clock', `You see ${windowSentence(history, null, dateOf)}.`),
      fact('send', role === 'reader' ? 'You may read.' : 'You may read and write.'),
    ),
    h('p', { class: 'hint' }, `The invitation ends ${fromNow(expiresAt)}.`),
  )
}

function fact(sign: IconName, sentence: string): HTMLElement {
  return h('li', {}, icon(sign), h('span', {}, sentence))
}

function showAccount(door: Door, invitation: Opened): void {
  let challenge: string | undefined
  const { root, token, entered } = door
  const code = h('div', { hidden: !invitation.needsCode })
  const button = h('button', { class: 'main' }, invitation.needsCode ? 'Send me a code' : 'Continue')
  showAlone(
    root,
    'A free account',
    h(
      'p',
      { class: 'lead' },
      `For ${invitation.email}. You sign in by a code that is mailed there, or by a passkey.`,
    ),
    form(
      { class: 'card' },
      async (typed) => {
        if (invitation.needsCode && challenge === undefined) {
          challenge = await sendInvitationCode(token)
          code.replaceChildren(codeField())
          code.querySelector('input')?.focus()
          button.textContent = 'Continue'
          return
        }
        const proof = challenge === undefined ? {} : { proof: { challenge, code: codeIn(typed) } }
        const { user, space } = await call<typeof acceptMailInvitation>({
          method: 'POST',
          url: '/api/mail-invitations/accept',
          body: { token, name: typedIn(typed, 'name').trim(), ...proof },
        })
        history.replaceState(null, '', `/#${space}`)
        entered(user)
      },
      field(
        'Your name',
        { name: 'name', required: true, autofocus: true, autocomplete: 'name', maxlength: 80 },
        'As the others see it.',
      ),
      code,
      button,
    ),
    wayBack('Back to the invitation', () => showChoice(door, invitation)),
  )
}

function showDeclining(door: Door, invitation: Opened): void {
  const { root, token } = door
  showAlone(
    root,
    'Decline?',
    form(
      { class: 'card' },
      async () => {
        await call<typeof declineMailInvitation>({
          method: 'POST',
          url: '/api/mail-invitations/decline',
          body: { token },
        })
        showAlone(
          root,
          'Declined',
          h('p', {}, 'Nothing was made and nothing was kept. You can close this page.'),
        )
      },
      h('p', {}, `${invitation.inviter.name} sees that the invitation was declined. The link is used up.`),
      h('button', { class: 'danger' }, 'Decline'),
    ),
    wayBack('Back to the invitation', () => showChoice(door, invitation)),
  )
}
