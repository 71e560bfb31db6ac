import type { Handle, UserId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { AccountRole, Tables } from './tables.ts'

/** An account with the user it signs in. */
export type AccountRow = {
  readonly userId: UserId
  readonly handle: Handle
  readonly password: string
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
      'account.role',
      'user.name',
      'user.status',
    ])
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

/** Returns whether it was inserted: not when somebody has that handle. */
export async function insertAccount(tx: Tx, account: Tables['account']): Promise<boolean> {
  const row = await tx
    .insertInto('account')
    .values(account)
    .onConflict((conflict) => conflict.column('handle').doNothing())
    .returning('userId')
    .executeTakeFirst()
  return row !== undefined
}
