import type { Invitation } from '#schema/api/invitations.ts'
import { announce, h, type Item, sync } from './dom.ts'
import type { Model } from './model.ts'
import { answer } from './spaces.ts'
import { listed, titleOf } from './words.ts'

/** What other companies' people have invited me to, with what I should know before I answer. */
export function invitationsView(model: Model): HTMLElement {
  const list = h('ul', {})
  const view = h('section', { class: 'invitations', hidden: true, 'aria-label': 'Invitations' }, list)
  model.on('invitations', () => {
    view.hidden = model.invitations.length === 0
    sync(
      list,
      model.invitations.map((invitation) => itemOf(model, invitation)),
    )
  })
  return view
}

function itemOf(model: Model, invitation: Invitation): Item {
  const { id, status } = invitation
  return { key: id, look: status, build: () => build(model, invitation) }
}

function build(model: Model, invitation: Invitation): HTMLElement {
  const { id, title, kind, host, inviter, roster, status } = invitation
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
  const others = roster.filter((node) => node !== host && node !== model.me.node)
  const also = others.length > 0 ? ` ${listed(others)} take part too.` : ''

  async function give(how: 'accept' | 'decline'): Promise<void> {
    try {
      await answer(model, id, how)
      announce(how === 'accept' ? 'Accepted.' : 'Declined.')
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error)
      problem.hidden = false
    }
  }

  const name = titleOf({ title, kind })
  const who = `${inviter.name} of ${inviter.node}`
  return h(
    'li',
    {},
    h('p', {}, h('strong', {}, name)),
    h('p', { class: 'hint' }, `${who} invites you to this ${kind}, with all that was written in it.`),
    h('p', { class: 'hint' }, `${host} hosts it.${also}`),
    status === 'open'
      ? h(
          'div',
          { class: 'choices' },
          h(
            'button',
            {
              type: 'button',
              class: 'main',
              'aria-label': `Accept ${name}`,
              click: () => void give('accept'),
            },
            'Accept',
          ),
          h(
            'button',
            { type: 'button', 'aria-label': `Decline ${name}`, click: () => void give('decline') },
            'Decline',
          ),
        )
      : h('p', { class: 'hint', role: 'status' }, `Accepted. Waiting for ${host} to let you in…`),
    problem,
  )
}
