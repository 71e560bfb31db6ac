import type { approve, refuse } from '#schema/api/approvals.ts'
import { pageView } from '../frame/page.ts'
import { windowSentence } from '../invite/window.ts'
import { call } from '../model/api.ts'
import type { Model } from '../model/model.ts'
import { readApprovals, type Waiting } from '../model/watch.ts'
import { badge, companyMark } from '../people/badge.ts'
import { listed, titleOf } from '../space/words.ts'
import { announce, h } from '../ui/dom.ts'
import { face } from '../ui/face.ts'
import { icon, type IconName } from '../ui/icons.ts'
import { empty, loaded } from '../ui/loaded.ts'
import { dateOf, fromNow } from '../ui/times.ts'
import { ruleSentence } from './decision-words.ts'

type Invited = Extract<Waiting, { readonly inviter: unknown }>
type Arrived = Exclude<Waiting, Invited>

/** What waits for an administrator: invitations in both directions, and companies that arrived. */
export function approvalsPage(model: Model): HTMLElement {
  const list = loaded(
    async () => await readApprovals(model),
    (approvals, again) =>
      approvals.length === 0
        ? [empty('Nothing waits for you.')]
        : [h('ul', { class: 'cards' }, ...approvals.map((one) => approvalCard(one, again)))],
  )
  return pageView(
    { title: 'Approvals', about: 'What waits for an administrator, oldest first.', back: '#admin' },
    list.element,
  )
}

function approvalCard(one: Waiting, again: () => Promise<void>): HTMLElement {
  const problem = h('p', { class: 'problem', role: 'alert', hidden: true })
  const params = { approvalId: one.id }
  const give = (how: 'approve' | 'refuse'): void => {
    const asked =
      how === 'approve'
        ? call<typeof approve>({ method: 'POST', url: '/api/approvals/:approvalId/approve', params })
        : call<typeof refuse>({ method: 'POST', url: '/api/approvals/:approvalId/refuse', params })
    asked.then(
      async () => {
        announce(how === 'approve' ? 'Approved.' : 'Refused.')
        await again()
      },
      (error: unknown) => {
        problem.textContent = error instanceof Error ? error.message : String(error)
        problem.hidden = false
      },
    )
  }
  const words = one.what === 'company' ? { yes: 'Agree', no: 'Leave it' } : { yes: 'Approve', no: 'Refuse' }
  const mayApprove = one.what !== 'company' || one.mayApprove
  return h(
    'li',
    { class: 'card' },
    ...(one.what === 'company' ? arrivedWords(one) : invitedWords(one)),
    h(
      'div',
      { class: 'choices' },
      mayApprove && h('button', { type: 'button', class: 'main', click: () => give('approve') }, words.yes),
      h('button', { type: 'button', click: () => give('refuse') }, words.no),
      h('span', { class: 'hint' }, `Since ${fromNow(one.since)} · ${ruleSentence(one.rule)}`),
    ),
    problem,
  )
}

function invitedWords(one: Invited): HTMLElement[] {
  const also = one.roster.length > 0 ? ` Taking part: ${listed(one.roster)}.` : ''
  const { inviter, invitee, node, isNewPartner, what, history, host } = one
  const goes =
    what === 'outgoing' ? `${inviter.name} invites ${invitee}` : `${inviter.name} invites your ${invitee}`
  return [
    h(
      'div',
      { class: 'row' },
      face(inviter.name, inviter.id),
      h(
        'div',
        { class: 'row-text' },
        h('span', { class: 'name' }, goes),
        ' ',
        node !== null && badge(node),
        h('p', { class: 'hint' }, `into the ${one.kind} “${titleOf(one)}”`),
      ),
    ),
    h(
      'ul',
      { class: 'facts' },
      fact('company', `${host} hosts it.${also}`),
      fact('clock', `They see ${windowSentence(history, null, dateOf)}.`),
      fact('send', one.role === 'member' ? 'They may write and invite.' : 'They may not invite others.'),
      isNewPartner && fact('warning', `Approving makes ${node ?? 'that company'} a partner as well.`),
    ),
  ]
}

function arrivedWords(one: Arrived): HTMLElement[] {
  const name = listed(one.nodes)
  const sentence = `in “${titleOf(one)}”, which ${one.host} hosts. Until you decide, nobody here can write in it.`
  return [
    h(
      'div',
      { class: 'row' },
      companyMark(),
      h(
        'div',
        { class: 'row-text' },
        h('span', { class: 'name' }, `${name} arrived`),
        h('p', { class: 'hint' }, sentence),
      ),
    ),
    ...(one.mayApprove
      ? []
      : [h('p', { class: 'warning' }, 'Your policy forbids it: leave, or change the policy first.')]),
  ]
}

function fact(sign: IconName, sentence: string): HTMLElement {
  return h('li', {}, icon(sign), h('span', {}, sentence))
}
