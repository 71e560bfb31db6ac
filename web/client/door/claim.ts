import type { Me } from '#schema/api/accounts.ts'
import type { claimGuest, claimInvitation } from '#schema/api/claims.ts'
import { call } from '../model/api.ts'
import { h } from '../ui/dom.ts'
import { form } from '../ui/form.ts'
import { type Entered, showAlone, wayBack } from './alone.ts'

// Where another workspace sends people on: to their own, which takes up what they were given there. Nothing happens
// until they say so, since anybody can make such a link.

export type Claim = { readonly what: 'invitation' | 'guest'; readonly node: string; readonly token: string }

/** `#claim=acme.example/TOKEN`, or `#move=…` for a free account. */
export function claimIn(hash: string): Claim | undefined {
  const [, kind, node, token] = /^#(claim|move)=([a-z0-9.-]+)\/([\w-]+)$/.exec(hash) ?? []
  if (kind === undefined || node === undefined || token === undefined) return undefined
  return { what: kind === 'move' ? 'guest' : 'invitation', node, token }
}

const words = {
  invitation: {
    title: 'Take up the invitation?',
    about: (node: string) => `${node} has an invitation for you, which was mailed to you.`,
    more: 'It then waits among your invitations, and you see what it is about before you accept.',
    act: 'Take it up',
  },
  guest: {
    title: 'Take your free account over?',
    about: (node: string) =>
      `What you have as a guest at ${node} becomes yours here: its groups, threads and conversations.`,
    more: 'What you wrote there keeps its name. The free account ends, and you are signed out of it.',
    act: 'Take it over',
  },
}

export function showClaim(root: HTMLElement, claim: Claim, me: Me, entered: Entered): void {
  const { title, about, more, act } = words[claim.what]
  const goOn = (place: string): void => {
    history.replaceState(null, '', place)
    entered(me)
  }
  showAlone(
    root,
    title,
    h('p', { class: 'lead' }, `You are signed in as ${me.name}.`),
    form(
      { class: 'card' },
      async () => {
        const status = await take(claim)
        if (status !== 'confirmation') return goOn(status === 'invited' ? '/#invitations' : '/')
        showAlone(
          root,
          'One more step',
          h(
            'p',
            {},
            `${claim.node} cannot see that the address is yours. Whoever invited you is asked whether it is you.`,
          ),
          wayBack('To the inbox', () => goOn('/')),
        )
      },
      h('p', {}, about(claim.node)),
      h('p', { class: 'hint' }, more),
      h('button', { class: 'main' }, act),
    ),
    wayBack('Not now', () => goOn('/')),
  )
}

async function take({ what, node, token }: Claim): Promise<'invited' | 'confirmation' | 'claimed'> {
  const body = { node, token }
  const { status } =
    what === 'invitation'
      ? await call<typeof claimInvitation>({ method: 'POST', url: '/api/claims/invitation', body })
      : await call<typeof claimGuest>({ method: 'POST', url: '/api/claims/guest', body })
  return status
}
