import type { approvePeer, introducePeer, listPeers, Peer } from '#schema/api/peers.ts'
import { pageView, section } from '../frame/page.ts'
import { call, type ReplyOf } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { companyMark } from '../people/badge.ts'
import { copyable } from '../ui/copyable.ts'
import { askFirst } from '../ui/dialog.ts'
import { h } from '../ui/dom.ts'
import { field, form, typedIn } from '../ui/form.ts'
import { empty, loaded } from '../ui/loaded.ts'
import { type Mood, state } from '../ui/state.ts'
import { fromNow } from '../ui/times.ts'

type PeersPage = ReplyOf<typeof listPeers>

/** The companies we know, where we stand with each, and their fingerprints. */
export function partnersPage(_model: Model): HTMLElement {
  const list = loaded(readPeers, (page, again) => [
    section(
      'Companies',
      page.peers.length === 0
        ? empty('You know no other company yet. Introduce yours to one below.')
        : h('ul', { class: 'cards' }, ...page.peers.map((peer) => peerCard(peer, again))),
    ),
    section(
      'Introduce your workspace',
      introduction(again),
      copyable(
        'Your fingerprint',
        page.fingerprint,
        'Read it to the other administrator by telephone: it has to be what they see.',
      ),
    ),
  ])
  return pageView(
    {
      title: 'Partners',
      about: 'Companies that yours works with, each on a server of its own.',
      back: '#admin',
    },
    list.element,
  )
}

async function readPeers(): Promise<PeersPage> {
  return await call<typeof listPeers>({ method: 'GET', url: '/api/peers', querystring: { limit: 200 } })
}

const stateWords: Readonly<Record<Peer['state'], readonly [string, Mood]>> = {
  partner: ['Partner', 'good'],
  waiting: ['Waits for their approval', 'plain'],
  asking: ['Asks for your approval', 'open'],
  known: ['Known, not a partner', 'plain'],
  paused: ['Paused', 'plain'],
  blocked: ['Blocked', 'bad'],
  ended: ['Ended', 'plain'],
  'key-conflict': ['Key conflict', 'bad'],
}

function peerCard(peer: Peer, again: () => Promise<void>): HTMLElement {
  const { node } = peer
  return h(
    'li',
    { class: 'card' },
    h(
      'div',
      { class: 'row' },
      companyMark(),
      h(
        'div',
        { class: 'row-text' },
        h('span', { class: 'name' }, node),
        ' ',
        state(...stateWords[peer.state]),
        h('p', { class: 'hint' }, healthOf(peer)),
      ),
    ),
    copyable('Fingerprint', peer.fingerprint),
    peer.state === 'asking' &&
      h(
        'div',
        { class: 'choices' },
        h('button', { type: 'button', class: 'main', click: () => askToApprove(peer, again) }, 'Approve…'),
      ),
  )
}

function healthOf({ lastSuccessAt, lastFailureAt, lastFailure }: Peer): string {
  const isFailing = lastFailureAt !== null && lastFailureAt > (lastSuccessAt ?? 0)
  if (isFailing) return `Does not answer since ${fromNow(lastFailureAt)}: ${lastFailure ?? 'no reason'}`
  return lastSuccessAt === null ? 'Not spoken with yet' : `Last heard ${fromNow(lastSuccessAt)}`
}

function askToApprove({ node, fingerprint }: Peer, again: () => Promise<void>): void {
  askFirst(
    {
      title: `Approve ${node}?`,
      text: [
        h(
          'p',
          {},
          `People of ${node} can then be invited, and can invite yours. Compare the fingerprint first:`,
        ),
        h('p', {}, h('code', {}, fingerprint)),
      ],
      act: 'Approve',
    },
    async () => {
      await call<typeof approvePeer>({ method: 'POST', url: '/api/peers/:node/approve', params: { node } })
      await again()
    },
  )
}

function introduction(again: () => Promise<void>): HTMLElement {
  const element: HTMLFormElement = form(
    { class: 'inline' },
    async (typed) => {
      await call<typeof introducePeer>({
        method: 'POST',
        url: '/api/peers',
        body: { node: typedIn(typed, 'node').trim() },
      })
      element.reset()
      await again()
    },
    field(
      'Their domain',
      {
        name: 'node',
        required: true,
        autocomplete: 'off',
        autocapitalize: 'none',
        placeholder: 'globex.example',
      },
      'You approve them, and ask them to approve you.',
    ),
    h('button', { class: 'main' }, 'Introduce'),
  )
  return element
}
