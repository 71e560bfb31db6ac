import type { Invitation } from '#schema/invitation.ts'
import { pageView } from '../frame/page.ts'
import type { Model } from '../model/model.ts'
import { answer, refreshInvitations } from '../model/spaces.ts'
import { badgesOf } from '../people/badge.ts'
import { kindWord, listed, titleOf } from '../space/words.ts'
import { announce, h, type Item, sync } from '../ui/dom.ts'
import { face } from '../ui/face.ts'
import { icon, type IconName } from '../ui/icons.ts'
import { empty } from '../ui/loaded.ts'
import { dateOf, fromNow } from '../ui/times.ts'
import { windowSentence } from './window.ts'

/** What people of other companies have invited me to, with what I should know before I answer. */
export function invitationsPage(model: Model): HTMLElement {
  const list = h('ul', { class: 'invitations' })
  const nothing = empty(
    'No invitation waits for you. When somebody of another company invites you, it appears here.',
  )
  const page = model.page

  function draw(): void {
    nothing.hidden = model.invitations.length > 0
    sync(
      list,
      model.invitations.map((invitation) => itemOf(model, invitation)),
    )
  }
  model.on('invitations', draw, page)
  draw()
  refreshInvitations(model).catch(() => {})
  return pageView(
    {
      title: 'Invitations',
      about: 'Nothing of what you are invited to is here before you accept.',
      back: '#',
    },
    list,
    nothing,
  )
}

function itemOf(model: Model, invitation: Invitation): Item {
  const { id, status } = invitation
  return { key: id, look: status, build: () => build(model, invitation) }
}

function build(model: Model, invitation: Invitation): HTMLElement {
  const { id, title, kind, host, inviter, roster, status, expiresAt, history, historyAt } = invitation
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
  const others = roster.filter((node) => node !== host && node !== model.me.node)
  const name = titleOf({ title, kind })

  async function give(how: 'accept' | 'decline'): Promise<void> {
    try {
      await answer(model, id, how)
      announce(how === 'accept' ? 'Accepted.' : 'Declined.')
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error)
      problem.hidden = false
    }
  }

  return h(
    'li',
    { class: 'card' },
    h(
      'div',
      { class: 'row' },
      face(inviter.name, inviter.id),
      h(
        'div',
        { class: 'row-text' },
        h('span', { class: 'name' }, inviter.name),
        ...badgesOf(inviter),
        h('p', { class: 'hint' }, `invites you to a ${kindWord(kind)}`),
      ),
    ),
    h('h3', {}, name),
    h(
      'ul',
      { class: 'facts' },
      fact('company', `${host} hosts it, on its own server.`),
      fact('people', others.length > 0 ? `Also in it: ${listed(others)}.` : 'No other company takes part.'),
      fact('clock', `You see ${windowSentence(history, historyAt, dateOf)}.`),
      fact('send', rightSentence(invitation)),
    ),
    status === 'open'
      ? h(
          'div',
          { class: 'choices' },
          ...buttons(name, give),
          h('span', { class: 'hint' }, `Ends ${fromNow(expiresAt)}`),
        )
      : h('p', { class: 'hint', role: 'status' }, `Accepted. Waiting for ${host} to let you in…`),
    problem,
  )
}

function fact(sign: IconName, sentence: string): HTMLElement {
  return h('li', {}, icon(sign), h('span', {}, sentence))
}

function buttons(name: string, give: (how: 'accept' | 'decline') => Promise<void>): HTMLElement[] {
  return [
    h(
      'button',
      { type: 'button', class: 'main', 'aria-label': `Accept ${name}`, click: () => void give('accept') },
      'Accept',
    ),
    h(
      'button',
      { type: 'button', 'aria-label': `Decline ${name}`, click: () => void give('decline') },
      'Decline',
    ),
  ]
}

const rightSentences: Readonly<Record<Invitation['role'], string>> = {
  reader: 'You may read.',
  poster: 'You may read and write.',
  member: 'You may read, write and invite.',
  admin: 'You may read, write, invite and decide.',
}

function rightSentence({ role }: Invitation): string {
  return rightSentences[role]
}
