import { sql } from 'kysely'
import type { Email } from '#schema/email.ts'
import type { Handle, UserId } from '#schema/ids.ts'
import { routes } from './routes.ts'
import type { Db, Tx } from './open.ts'

/** A free account as administrators see it. */
export type GuestRow = {
  readonly userId: UserId
  readonly email: Email | null
  readonly status: 'active' | 'suspended' | 'deleted'
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly storageBytes: number
  readonly spaces: number
}

export async function listGuests(
  db: Db,
  page: { readonly after?: UserId | undefined; readonly limit: number },
): Promise<GuestRow[]> {
  return await guests(db)
    .where('account.userId', '>', page.after ?? ('' as UserId))
    .orderBy('account.userId')
    .limit(page.limit)
    .execute()
}

export async function findGuest(db: Db, user: UserId): Promise<GuestRow | undefined> {
  return await guests(db).where('account.userId', '=', user).executeTakeFirst()
}

function guests(db: Db) {
  return db
    .selectFrom('account')
    .innerJoin('user', 'user.id', 'account.userId')
    .select([
      'account.userId',
      'account.email',
      'account.createdAt',
      'account.lastUsedAt',
      'account.storageBytes',
      'user.status',
      sql<number>`(select count(distinct route.space_id) from (${routes}) route where route.user_id = account.user_id)`.as(
        'spaces',
      ),
    ])
    .where('account.role', '=', 'guest')
    .where('user.status', '<>', 'deleted')
}

/** Free accounts that nobody has used since then. */
export async function listUnusedGuests(db: Db, since: number, limit: number): Promise<UserId[]> {
  const rows = await db
    .selectFrom('account')
    .innerJoin('user', 'user.id', 'account.userId')
    .select('account.userId')
    .where('account.role', '=', 'guest')
    .where('user.status', '<>', 'deleted')
    .where('account.lastUsedAt', '<=', since)
    .limit(limit)
    .execute()
  return rows.map(({ userId }) => userId)
}

/** The account is a member's from now on. */
export async function makeMember(tx: Tx, user: UserId, handle: Handle): Promise<void> {
  await tx.updateTable('account').set({ role: 'member', handle }).where('userId', '=', user).execute()
}

/** Nobody gets in any more, and the address is free for a new account. */
export async function closeAccount(tx: Tx, user: UserId): Promise<void> {
  await tx.deleteFrom('passkey').where('userId', '=', user).execute()
  await tx.updateTable('account').set({ email: null }).where('userId', '=', user).execute()
}

export async function noteUse(tx: Tx, user: UserId, at: number): Promise<void> {
  await tx.updateTable('account').set({ lastUsedAt: at }).where('userId', '=', user).execute()
}

/** False when the account would hold more than `bytesMax`; then nothing is changed. Never below zero. */
export async function addStorage(
  tx: Tx,
  user: UserId,
  { bytes, bytesMax }: { readonly bytes: number; readonly bytesMax: number },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('account')
    .set({ storageBytes: sql<number>`greatest(0, storage_bytes + ${bytes})` })
    .where('userId', '=', user)
    .where((eb) => eb.or([eb(eb.val(bytes), '<=', 0), eb('storageBytes', '<=', bytesMax - bytes)]))
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}
