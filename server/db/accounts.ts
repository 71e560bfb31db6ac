import type { Insertable } from 'kysely'
import type { Email } from '#schema/email.ts'
import type { Handle, UserId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { AccountRole, Tables } from './tables.ts'

/** An account with the user it signs in. */
export type AccountRow = {
  readonly userId: UserId
  readonly handle: Handle | null
  readonly password: string | null
  readonly email: Email | null
  readonly role: AccountRole
  readonly name: string
  readonly status: 'active' | 'suspended' | 'deleted'
}

export async function findAccount(db: Db, handle: Handle): Promise<AccountRow | undefined> {
  return await accounts(db).where('account.handle', '=', handle).executeTakeFirst()
}

export async function getAccount(db: Db, user: UserId): Promise<AccountRow> {
  return await accounts(db).where('account.userId', '=', user).executeTakeFirstOrThrow()
}

function accounts(db: Db) {
  return db
    .selectFrom('account')
    .innerJoin('user', 'user.id', 'account.userId')
    .select([
      'account.userId',
      'account.handle',
      'account.password',
      'account.email',
      'account.role',
      'user.name',
      'user.status',
    ])
}

export async function findAccountByEmail(db: Db, email: Email): Promise<AccountRow | undefined> {
  return await accounts(db).where('account.email', '=', email).executeTakeFirst()
}

/** Whom a handle means in this workspace, as long as they are part of it. */
export async function findUserByHandle(db: Db, handle: Handle): Promise<UserId | undefined> {
  const account = await findAccount(db, handle)
  return account?.status === 'active' ? account.userId : undefined
}

export async function hasAccounts(db: Db): Promise<boolean> {
  const row = await db.selectFrom('account').select('userId').limit(1).executeTakeFirst()
  return row !== undefined
}

/** Returns whether it was inserted: not when somebody has that handle or that address. */
export async function insertAccount(tx: Tx, account: Insertable<Tables['account']>): Promise<boolean> {
  const row = await tx
    .insertInto('account')
    .values(account)
    .onConflict((conflict) => conflict.doNothing())
    .returning('userId')
    .executeTakeFirst()
  return row !== undefined
}

/** False when another account has that address. */
export async function setEmail(tx: Tx, user: UserId, email: Email): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('account')
    .set({ email })
    .where('userId', '=', user)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('account as other')
            .select('other.userId')
            .where('other.email', '=', email)
            .where('other.userId', '<>', user),
        ),
      ),
    )
    .executeTakeFirstOrThrow()
  return numUpdatedRows === 1n
}
