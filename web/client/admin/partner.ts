import type { Peer } from '#schema/api/peers.ts'
import type { getPeerPolicy, putPeerPolicy } from '#schema/api/policies.ts'
import type { NodeId } from '#schema/ids.ts'
import { pageView, section } from '../frame/page.ts'
import { call } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { companyMark } from '../people/badge.ts'
import { copyable } from '../ui/copyable.ts'
import { type Child, h } from '../ui/dom.ts'
import { empty, loaded } from '../ui/loaded.ts'
import { dateTime } from '../ui/times.ts'
import { actsOn, askToAct } from './acts.ts'
import { healthOf, readPeers, stateOf } from './peers.ts'
import { keyConflictSection } from './key-conflict.ts'
import { whyLink } from './why-link.ts'
import { partnerForm } from './policy-form.ts'

/** One company: where we stand with it, what an administrator can do, and what is different for it. */
export function partnerPage(_model: Model, node: string): HTMLElement {
  const about = loaded(
    async () => (await readPeers()).peers.find((peer) => peer.node === node),
    (peer, again) => (peer ? peerParts(peer, again) : [empty('You do not know this company.')]),
  )
  return pageView({ title: node, back: '#admin/partners' }, about.element)
}

function peerParts(peer: Peer, again: () => Promise<void>): Child[] {
  return [
    h(
      'div',
      { class: 'card' },
      h(
        'div',
        { class: 'row' },
        companyMark(),
        h(
          'div',
          { class: 'row-text' },
          stateOf(peer),
          h('p', { class: 'hint' }, healthOf(peer), ' ', whyLink(peer.node)),
        ),
      ),
      h(
        'p',
        { class: 'hint' },
        `Its keys were pinned on ${dateTime(peer.since)}. It answers at ${peer.baseUrl}.`,
      ),
      copyable(
        'Its fingerprint',
        peer.fingerprint,
        'Compare it by telephone with what they see as their own.',
      ),
      h(
        'div',
        { class: 'choices' },
        ...actsOn(peer).map((act) =>
          h(
            'button',
            {
              type: 'button',
              class: act.isDangerous ? 'dangerous' : undefined,
              click: () => askToAct(peer, act, again),
            },
            `${act.text}…`,
          ),
        ),
      ),
    ),
    peer.state === 'key-conflict' && keyConflictSection(peer.node, again),
    section(
      'What is different for this company',
      h('p', { class: 'hint' }, 'What is left as it is for all changes with the policies of the workspace.'),
      policyOf(peer.node),
    ),
  ]
}

function policyOf(node: NodeId): HTMLElement {
  return loaded(
    async () =>
      await call<typeof getPeerPolicy>({ method: 'GET', url: '/api/peers/:node/policy', params: { node } }),
    ({ differs, holds }) => [
      partnerForm(node, differs, {
        holds,
        save: async (next) => {
          await call<typeof putPeerPolicy>({
            method: 'PUT',
            url: '/api/peers/:node/policy',
            params: { node },
            body: next,
          })
        },
      }),
    ],
  ).element
}
