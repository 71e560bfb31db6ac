import type { listSessions, revokeSession, Session, endSession } from '#schema/api/sessions.ts'
import { pageView, section } from '../frame/page.ts'
import { call } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { h } from '../ui/dom.ts'
import { icon } from '../ui/icons.ts'
import { loaded } from '../ui/loaded.ts'
import { state } from '../ui/state.ts'
import { dateTime } from '../ui/times.ts'
import { emailPart } from './email.ts'
import { passkeysPart } from './passkeys.ts'

/** How I sign in, and where I am signed in. */
export function signingInPage(model: Model): HTMLElement {
  return pageView(
    { title: 'Signing in', back: '#settings' },
    passkeysPart(),
    emailPart(model),
    sessionsPart(),
    h(
      'div',
      { class: 'choices' },
      h(
        'button',
        { type: 'button', class: 'with-icon', click: () => void signOut(model) },
        icon('leave'),
        'Sign out here',
      ),
    ),
  )
}

async function signOut(model: Model): Promise<void> {
  await call<typeof endSession>({ method: 'DELETE', url: '/api/sessions/current' }).catch(() => {})
  model.end()
}

function sessionsPart(): HTMLElement {
  const list = loaded(
    async () => await call<typeof listSessions>({ method: 'GET', url: '/api/sessions' }),
    ({ sessions }, again) => [
      h('ul', { class: 'list' }, ...sessions.map((session) => sessionItem(session, again))),
    ],
  )
  return section('Where you are signed in', list.element)
}

function sessionItem({ id, device, createdAt, current }: Session, again: () => Promise<void>): HTMLElement {
  async function revoke(): Promise<void> {
    await call<typeof revokeSession>({
      method: 'DELETE',
      url: '/api/sessions/:sessionId',
      params: { sessionId: id },
    })
    await again()
  }
  const name = deviceWords(device)
  return h(
    'li',
    { class: 'row' },
    h(
      'div',
      { class: 'row-text' },
      h('span', { class: 'name', title: device ?? undefined }, name),
      ' ',
      current && state('This one', 'good'),
      h('p', { class: 'hint' }, `Since ${dateTime(createdAt)}`),
    ),
    !current &&
      h(
        'button',
        {
          type: 'button',
          'aria-label': `End the session of ${name}`,
          click: () => void revoke().catch(again),
        },
        'End',
      ),
  )
}

/** What browsers call themselves is long; people know them by two words. */
function deviceWords(device: string | null): string {
  if (device === null) return 'Unknown device'
  const browser = ['Firefox', 'Edg', 'Chrome', 'Safari', 'curl'].find((name) => device.includes(name))
  const system = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS', 'Linux'].find((name) =>
    device.includes(name),
  )
  if (browser === undefined) return device.slice(0, 60)
  return `${browser === 'Edg' ? 'Edge' : browser}${system === undefined ? '' : ` on ${system}`}`
}
