import type { introducePeer, Peer } from '#schema/api/peers.ts'
import { pageView, section } from '../frame/page.ts'
import { addressOf } from '../frame/place.ts'
import { call } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { companyMark } from '../people/badge.ts'
import { copyable } from '../ui/copyable.ts'
import { h } from '../ui/dom.ts'
import { field, form, typedIn } from '../ui/form.ts'
import { icon } from '../ui/icons.ts'
import { empty, loaded } from '../ui/loaded.ts'
import { partnerPage } from './partner.ts'
import { healthOf, type PeersPage, readPeers, stateOf } from './peers.ts'
import { whyLink } from './why-link.ts'
import { rulesSection } from './rules.ts'

/** The companies we know and where we stand with each; behind each of them a page of its own. */
export function partnersPage(model: Model, [node]: readonly string[]): HTMLElement {
  if (node !== undefined) return partnerPage(model, node)
  const list = loaded(readPeers, (page, again) => [
    section(
      'Companies',
      page.peers.length === 0
        ? empty('You know no other company yet. Introduce yours to one below.')
        : h('ul', { class: 'list' }, ...page.peers.map(peerItem)),
    ),
    page.introduced.length > 0 &&
      section(
        'Only heard of',
        h(
          'p',
          { class: 'hint' },
          'Partners have brought these companies into spaces that you share. Nobody of them has spoken yet, so your server has not looked at their keys itself.',
        ),
        h('ul', { class: 'list' }, ...page.introduced.map(introducedItem)),
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
    rulesSection(),
  )
}

function peerItem(peer: Peer): HTMLElement {
  return h(
    'li',
    {},
    h(
      'a',
      { class: 'row', href: addressOf('admin', 'partners', peer.node) },
      companyMark(),
      h(
        'div',
        { class: 'row-text' },
        h('span', { class: 'name' }, peer.node),
        ' ',
        stateOf(peer),
        h('p', { class: 'hint' }, healthOf(peer)),
      ),
      icon('next'),
    ),
    whyLink(peer.node),
  )
}

function introducedItem({ node, by }: PeersPage['introduced'][number]): HTMLElement {
  return h(
    'li',
    { class: 'row' },
    companyMark(),
    h(
      'div',
      { class: 'row-text' },
      h('span', { class: 'name' }, node),
      h('p', { class: 'hint' }, `Introduced by ${by}`),
    ),
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
