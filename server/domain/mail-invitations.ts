import type { OpenedInvitation } from '#schema/api/mail-invitations.ts'
import type { Challenge } from '#schema/api/codes.ts'
import type { NodeId } from '#schema/ids.ts'
import { nodeOf } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { findAccountByEmail } from '#server/db/accounts.ts'
import { listCompanies } from '#server/db/companies.ts'
import { setInviteStatus } from '#server/db/invites.ts'
import { deleteMailLink, type LinkedInvite } from '#server/db/mail-links.ts'
import { getWorkspacePolicy } from '#server/db/policies.ts'
import { addressOf, holdLink, openLink } from '#server/mail/links.ts'
import { sendCode } from './codes.ts'

// What an invitation looks like to whoever has the mailed link. Looking at it uses nothing up, and nothing here is
// done by GET: mail scanners follow links.

export async function openMailInvitation(context: Context, token: string): Promise<OpenedInvitation> {
  const { db, node: host, config } = context
  const row = await openLink(context, token)
  const [inviter, companies, policy] = await Promise.all([
    context.reads.person(row.inviter),
    listCompanies(db, [row.spaceId]),
    getWorkspacePolicy(db),
  ])
  return {
    host,
    organisation: config.organisation ?? null,
    inviter: { name: inviter?.name ?? row.inviter.slice(0, 10), node: nodeOf(row.inviter) },
    kind: row.kind,
    title: row.title,
    role: row.role,
    history: row.history,
    roster: [...new Set<NodeId>([host, ...companies])].toSorted(),
    email: row.invitee,
    expiresAt: row.linkExpiresAt,
    guests: policy.guests,
    needsCode: await needsCode(context, row),
  }
}

/** Mails a code to the address that the link was mailed to, and to no other. */
export async function sendInvitationCode(context: Context, token: string): Promise<Challenge> {
  return await sendCode(context, addressOf(await openLink(context, token)), true)
}

export async function declineMailInvitation(
  context: Context,
  token: string,
): Promise<{ status: 'declined' }> {
  await context.db.transaction().execute(async (tx) => {
    const row = await holdLink(context, tx, token)
    await setInviteStatus(tx, row.jti, 'declined')
    await deleteMailLink(tx, row.jti)
  })
  return { status: 'declined' }
}

/**
 * Does a free account need a code beside the link? A link that was mailed can be passed on, so it alone proves no
 * mailbox. One that was handed over by hand is as good as its giver; but nobody gets into an account that is there
 * with it.
 */
export async function needsCode(context: Context, row: LinkedInvite): Promise<boolean> {
  return context.mail.isOn || (await findAccountByEmail(context.db, addressOf(row))) !== undefined
}
