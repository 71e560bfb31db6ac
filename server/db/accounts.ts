import { type Insertable, sql } from 'kysely'
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
  readonly createdAt: number
  readonly title: string | null
  readonly timeZone: string | null
  readonly statusText: string | null
}

export async function findAccount(db: Db, handle: Handle): Promise<AccountRow | undefined> {
  return await accounts(db).where('account.handle', '=', handle).executeTakeFirst()
}

export async function getAccount(db: Db, user: UserId): Promise<AccountRow> {
  return await accounts(db).where('account.userId', '=', user).executeTakeFirstOrThrow()
}

/** The same for a user who may be of another node, or nobody. */
export async function findAccountOf(db: Db, user: UserId): Promise<AccountRow | undefined> {
  return await accounts(db).where('account.userId', '=', user).executeTakeFirst()
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
      'account.createdAt',
      'user.name',
      'user.status',
      'user.title',
      'user.timeZone',
      'user.statusText',
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

/** Is this somebody with an account here, as long as they are part of the workspace? */
export async function isActiveAccount(db: Db, user: UserId): Promise<boolean> {
  const account = await accounts(db).where('account.userId', '=', user).executeTakeFirst()
  return account?.status === 'active'
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

/** Members of the workspace by their handles, with how often each is signed in. */
export async function listAccounts(
  db: Db,
  page: { readonly after?: Handle | undefined; readonly limit: number; readonly now: number },
): Promise<(AccountRow & { readonly sessions: number })[]> {
  return await accounts(db)
    .select((eb) =>
      eb
        .selectFrom('session')
        .whereRef('session.userId', '=', 'account.userId')
        .where('session.expiresAt', '>', page.now)
        .select((count) => count.fn.countAll<number>().as('sessions'))
        .$asScalar()
        .$notNull()
        .as('sessions'),
    )
    .where('account.role', '<>', 'guest')
    .where('user.status', '<>', 'deleted')
    .where('account.handle', '>', page.after ?? ('' as Handle))
    .orderBy('account.handle')
    .limit(page.limit)
    .execute()
}

/**
 * Somebody's account, and how many active owners there are beside them. Whoever decides about an account holds all
 * owners first, in one order: two owners who step down at once cannot both have seen the other one stay.
 */
export async function holdAccount(
  tx: Tx,
  user: UserId,
): Promise<{ readonly account: AccountRow; readonly otherOwners: number } | undefined> {
  const owners = await tx
    .selectFrom('account')
    .innerJoin('user', 'user.id', 'account.userId')
    .select(['account.userId', 'user.status'])
    .where((eb) => eb.or([eb('account.role', '=', 'owner'), eb('account.userId', '=', user)]))
    .orderBy('account.userId')
    .forUpdate()
    .execute()
  const account = await accounts(tx).where('account.userId', '=', user).executeTakeFirst()
  if (!account) return undefined
  const rows = await tx
    .selectFrom('account')
    .select('userId')
    .where('role', '=', 'owner')
    .where('userId', '<>', user)
    .where(
      'userId',
      '=',
      sql<UserId>`any(${owners.filter((one) => one.status === 'active').map((one) => one.userId)})`,
    )
    .execute()
  return { account, otherOwners: rows.length }
}

export async function setRole(tx: Tx, user: UserId, role: AccountRole): Promise<void> {
  await tx.updateTable('account').set({ role }).where('userId', '=', user).execute()
}
