import type { resendInvitation, revokeInvitation } from '#schema/api/invitations.ts'
import type { confirmClaim } from '#schema/api/mail-invitations.ts'
import type { SentInvitation } from '#schema/invitation.ts'
import { call } from '../../model/api.ts'
import type { Model, Opened } from '../../model/model.ts'
import { badge } from '../../people/badge.ts'
import { announce, type Child, h, type Item } from '../../ui/dom.ts'
import { face } from '../../ui/face.ts'
import { menu } from '../../ui/menu.ts'
import { fromNow } from '../../ui/times.ts'
import { type Act, listPart, type Part, rightsIn } from './part.ts'

/** Invitations to the open space that have not become members: each with what it waits for. */
export function invitedPart(model: Model, opened: Opened, act: Act): Part {
  return listPart('Invited', () =>
    opened.space.invitations.map((invitation) => invitedItem(model, opened, invitation, act)),
  )
}

function statusSentence({ status, code, expiresAt, node }: SentInvitation, host: string): string {
  switch (status) {
    case 'asking':
      return `${host} has been asked to invite them, and has not answered yet`
    case 'approval':
      return 'Waits for an administrator’s approval'
    case 'open':
      return `No answer yet · ends ${fromNow(expiresAt)}`
    case 'accepted':
      return 'Accepted, about to join'
    case 'joined':
      return 'Joined'
    case 'declined':
      return 'Declined'
    case 'revoked':
      return 'Taken back'
    case 'expired':
      return 'Ended without an answer'
    case 'refused':
      return code === null ? 'Refused by an administrator' : `Refused by ${node ?? host}: ${code}`
  }
}

function invitedItem(model: Model, opened: Opened, invitation: SentInvitation, act: Act): Item {
  const { id, invitee, node, inviter, status, claimedBy } = invitation
  const isMine = inviter?.id === model.me.id
  const { mayInvite } = rightsIn(model, opened)
  const words = statusSentence(invitation, opened.space.host)
  const by = inviter && inviter.id !== model.me.id ? ` · by ${inviter.name}` : ''
  return {
    key: id,
    look: JSON.stringify([invitation, words, mayInvite]),
    build: () =>
      h(
        'li',
        { class: 'row' },
        face(invitee.replace(/^@/, ''), id),
        h(
          'div',
          { class: 'row-text' },
          h('span', { class: 'name' }, invitee),
          ' ',
          node !== model.me.node && node !== null && badge(node),
          h('p', { class: 'hint' }, `${words}${by}`),
          claimedBy !== null && status === 'open' && claimOf(opened, invitation, isMine ? act : undefined),
        ),
        mayInvite &&
          status === 'open' &&
          menu(`What to do with the invitation of ${invitee}`, [
            { text: 'Send again', act: () => act(async () => await resend(opened, id)) },
            { text: 'Take back', act: () => act(async () => await revoke(opened, id)), isDangerous: true },
          ]),
      ),
  }
}

/** Somebody elsewhere says that the invitation is theirs, and nothing proves it: the inviter decides. */
function claimOf(opened: Opened, { id, invitee, claimedBy }: SentInvitation, act: Act | undefined): Child {
  if (claimedBy === null) return false
  const who = `${claimedBy.name} of ${claimedBy.node}`
  const sentence = act
    ? `${who} says that ${invitee} is theirs. Is it who you mean?`
    : `${who} says that this is theirs. Whoever invited decides.`
  const confirm = (): void => {
    act?.(async () => {
      await call<typeof confirmClaim>({
        method: 'POST',
        url: '/api/spaces/:spaceId/invitations/:inviteId/confirm',
        params: { spaceId: opened.id, inviteId: id },
      })
      announce('They are invited.')
    })
  }
  return h(
    'div',
    { class: 'warning' },
    h('p', {}, sentence),
    act !== undefined && h('button', { type: 'button', click: confirm }, 'Yes, invite them'),
  )
}

async function resend(opened: Opened, inviteId: string): Promise<void> {
  await call<typeof resendInvitation>({
    method: 'POST',
    url: '/api/spaces/:spaceId/invitations/:inviteId/resend',
    params: { spaceId: opened.id, inviteId },
  })
  announce('The invitation was sent again.')
}

async function revoke(opened: Opened, inviteId: string): Promise<void> {
  await call<typeof revokeInvitation>({
    method: 'POST',
    url: '/api/spaces/:spaceId/invitations/:inviteId/revoke',
    params: { spaceId: opened.id, inviteId },
  })
  announce('The invitation was taken back.')
}
