import type { InviteId, UserId } from '#schema/ids.ts'
import type { InviteRow } from './invites.ts'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

// The links by which somebody without a node takes an invitation up. Only their hashes are here.

/** An invitation with its link. */
export type LinkedInvite = InviteRow &
  Pick<Tables['mailLink'], 'confirmedAt' | 'claimedBy'> & { readonly linkExpiresAt: number }

/** A new link in place of the one before, which is worth nothing from then on. */
export async function putMailLink(
  tx: Tx,
  link: Pick<Tables['mailLink'], 'jti' | 'tokenHash' | 'expiresAt'>,
): Promise<void> {
  const fresh = { ...link, confirmedAt: null, claimedBy: null }
  await tx
    .insertInto('mailLink')
    .values(fresh)
    .onConflict((conflict) => conflict.column('jti').doUpdateSet(fresh))
    .execute()
}

export async function findByMailLink(db: Db, tokenHash: string): Promise<LinkedInvite | undefined> {
  return await linked(db).where('mailLink.tokenHash', '=', tokenHash).executeTakeFirst()
}

/** The same, held: of two who use a link at once, one comes second. */
export async function holdByMailLink(tx: Tx, tokenHash: string): Promise<LinkedInvite | undefined> {
  return await linked(tx).where('mailLink.tokenHash', '=', tokenHash).forUpdate().executeTakeFirst()
}

export async function findMailLink(db: Db, jti: InviteId): Promise<LinkedInvite | undefined> {
  return await linked(db).where('invite.jti', '=', jti).executeTakeFirst()
}

function linked(db: Db) {
  return db
    .selectFrom('mailLink')
    .innerJoin('invite', 'invite.jti', 'mailLink.jti')
    .selectAll('invite')
    .select(['mailLink.confirmedAt', 'mailLink.claimedBy', 'mailLink.expiresAt as linkExpiresAt'])
}

/** The address behind the link was proved by a code. */
export async function confirmMailLink(tx: Tx, jti: InviteId, at: number): Promise<void> {
  await tx.updateTable('mailLink').set({ confirmedAt: at }).where('jti', '=', jti).execute()
}

export async function claimMailLink(tx: Tx, jti: InviteId, user: UserId): Promise<void> {
  await tx.updateTable('mailLink').set({ claimedBy: user }).where('jti', '=', jti).execute()
}

export async function deleteMailLink(tx: Tx, jti: InviteId): Promise<void> {
  await tx.deleteFrom('mailLink').where('jti', '=', jti).execute()
}

/** Taken up by a guest, and not in the log yet: what a crash came between. */
export async function listTakenUp(db: Db, host: string): Promise<InviteRow[]> {
  return await db
    .selectFrom('invite')
    .selectAll()
    .where('host', '=', host as InviteRow['host'])
    .where('node', 'is', null)
    .where('status', '=', 'accepted')
    .limit(200)
    .execute()
}
