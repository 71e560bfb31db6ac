import type { InvitationSettings } from '#schema/api/contacts.ts'
import type { UserId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'

/** Who may invite somebody; everybody, until they say otherwise. */
export async function getInvitationSettings(db: Db, user: UserId): Promise<InvitationSettings> {
  const row = await db
    .selectFrom('invitationSetting')
    .select(['fromWhom', 'confirmDirect'])
    .where('userId', '=', user)
    .executeTakeFirst()
  return { from: row?.fromWhom ?? 'everybody', confirmDirect: row?.confirmDirect ?? false }
}

export async function putInvitationSettings(
  tx: Tx,
  user: UserId,
  { from, confirmDirect }: InvitationSettings,
): Promise<void> {
  const row = { userId: user, fromWhom: from, confirmDirect }
  await tx
    .insertInto('invitationSetting')
    .values(row)
    .onConflict((conflict) => conflict.column('userId').doUpdateSet(row))
    .execute()
}
