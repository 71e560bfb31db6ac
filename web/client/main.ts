import type { getMe, Me } from '#schema/api/accounts.ts'
import { call, Problem } from './model/api.ts'
import { h, replace } from './ui/dom.ts'
import { claimIn, showClaim } from './door/claim.ts'
import { showJoin } from './door/join.ts'
import { showMailInvitation } from './door/mail-invitation.ts'
import { showSignIn } from './door/sign-in.ts'
import { showWorkspace } from './frame/workspace.ts'

// Finds out who is here and shows what they came for. The session is a cookie that no script can read.

const root = document.getElementById('app')
if (root) await start(root)

async function start(root: HTMLElement): Promise<void> {
  const [, kind, token] = /^#(join|invitation)=([\w-]+)$/.exec(location.hash) ?? []
  if (kind !== undefined && token !== undefined) {
    const entered = (me: Me): void => enter(root, me)
    // An invitation stays in the address until it is answered: seeing it uses nothing up.
    if (kind === 'invitation') return await showMailInvitation({ root, token, entered })
    // Used or not, this link does not stay in the history of this browser.
    history.replaceState(null, '', '/')
    showJoin(root, token, entered)
    return
  }
  const claim = claimIn(location.hash)
  const arrived = (me: Me): void => {
    if (claim && me.role !== 'guest') showClaim(root, claim, me, (next) => enter(root, next))
    else enter(root, me)
  }
  try {
    arrived(await call<typeof getMe>({ method: 'GET', url: '/api/me' }))
  } catch (error) {
    if (error instanceof Problem && error.isSignedOut) showSignIn(root, arrived)
    else showTrouble(root, error)
  }
}

function enter(root: HTMLElement, me: Me): void {
  showWorkspace(root, me, () => {
    history.replaceState(null, '', '/')
    showSignIn(root, (next) => enter(root, next))
  })
}

function showTrouble(root: HTMLElement, error: unknown): void {
  const again = h('button', { type: 'button', class: 'main', click: () => void start(root) }, 'Try again')
  const why = error instanceof Error ? error.message : String(error)
  replace(root, h('main', { class: 'alone' }, h('h1', {}, 'Parley'), h('p', { role: 'alert' }, why), again))
}
