import { Email } from '#schema/email.ts'
import type { Context } from '#server/context.ts'
import { findByMailLink, holdByMailLink, type LinkedInvite } from '#server/db/mail-links.ts'
import type { Tx } from '#server/db/open.ts'
import { hashToken } from '#server/domain/tokens.ts'
import { Refusal } from '#server/refusal.ts'

// The door of whoever has a mailed link, and of nobody else.

/** The invitation that a link is good for now. Used, old, taken back and made up are alike. */
export async function openLink(context: Context, token: string): Promise<LinkedInvite> {
  return usable(context, await findByMailLink(context.db, hashToken(token)))
}

export async function holdLink(context: Context, tx: Tx, token: string): Promise<LinkedInvite> {
  return usable(context, await holdByMailLink(tx, hashToken(token)))
}

function usable(context: Context, row: LinkedInvite | undefined): LinkedInvite {
  const now = context.clock.now()
  const isGood = row?.status === 'open' && row.node === null && row.linkExpiresAt > now && row.expiresAt > now
  if (!isGood) throw new Refusal('link-invalid')
  return row
}

export function addressOf({ invitee }: LinkedInvite): Email {
  return Email.parse(invitee)
}
