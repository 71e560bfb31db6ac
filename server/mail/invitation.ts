import { Email } from '#schema/email.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import type { InviteRow } from '#server/db/invites.ts'
import { putMailLink } from '#server/db/mail-links.ts'
import type { Tx } from '#server/db/open.ts'
import { newToken } from '#server/domain/tokens.ts'
import { invitationMail } from './texts.ts'
import { queueMail } from './outbox.ts'

/**
 * Writes to somebody without a node that they are invited. The link is in the mail and nowhere else; it is returned
 * where there is no mail server, for whoever invites to hand over.
 */
export async function mailInvitation(
  context: Context,
  tx: Tx,
  { jti, invitee, expiresAt: until }: Pick<InviteRow, 'jti' | 'invitee' | 'expiresAt'>,
): Promise<string | null> {
  const { token, tokenHash } = newToken(context.random)
  const expiresAt = Math.min(until, context.clock.now() + limits.mailLinkLifeMs)
  await putMailLink(tx, { jti, tokenHash, expiresAt })
  // Behind the number sign, so that no server and no proxy on the way writes it into its log.
  const link = `${context.config.publicUrl.origin}/#invitation=${token}`
  const mail = invitationMail(context, link)
  await queueMail(context, tx, { ...mail, kind: 'invitation', address: Email.parse(invitee), expiresAt })
  context.wake.signal('mail')
  return context.mail.isOn ? null : link
}
