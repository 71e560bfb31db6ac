import { type Selectable, sql } from 'kysely'
import type { Handle, UserId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'
import type { AccountRole, Tables } from './tables.ts'

/** A session with the account it belongs to. */
export type SessionRow = {
  readonly tokenHash: string
  readonly expiresAt: number
  readonly userId: UserId
  readonly handle: Handle | null
  readonly role: AccountRole
  readonly status: 'active' | 'suspended' | 'deleted'
  readonly identityVersion: number
  /** To the day. */
  readonly lastUsedAt: number
}

export async function findSessions(db: Db, hashes: readonly string[]): Promise<SessionRow[]> {
  return await db
    .selectFrom('session')
    .innerJoin('account', 'account.userId', 'session.userId')
    .innerJoin('user', 'user.id', 'session.userId')
    .select([
      'session.tokenHash',
      'session.expiresAt',
      'account.userId',
      'account.handle',
      'account.role',
      'account.lastUsedAt',
      'user.status',
      'user.identityVersion',
    ])
    .where('session.tokenHash', '=', sql<string>`any(${[...new Set(hashes)]})`)
    .execute()
}

export async function insertSession(tx: Tx, session: Tables['session']): Promise<void> {
  await tx.insertInto('session').values(session).execute()
}

export async function deleteSession(tx: Tx, tokenHash: string): Promise<void> {
  await tx.deleteFrom('session').where('tokenHash', '=', tokenHash).execute()
}

export async function deleteExpiredSessions(tx: Tx, now: number): Promise<void> {
  await tx.deleteFrom('session').where('expiresAt', '<=', now).execute()
}

/** Where somebody is signed in, the latest first. */
export async function listSessionsOf(
  db: Db,
  user: UserId,
  now: number,
): Promise<Selectable<Tables['session']>[]> {
  return await db
    .selectFrom('session')
    .selectAll()
    .where('userId', '=', user)
    .where('expiresAt', '>', now)
    .orderBy('createdAt', 'desc')
    .limit(200)
    .execute()
}

/** Ends a session by the beginning of its hash. Returns the hash; undefined when the user has no such session. */
export async function deleteSessionOf(tx: Tx, user: UserId, start: string): Promise<string | undefined> {
  const row = await tx
    .deleteFrom('session')
    .where('userId', '=', user)
    .where((eb) => eb(eb.fn('starts_with', ['tokenHash', eb.val(start)]), '=', true))
    .returning('tokenHash')
    .executeTakeFirst()
  return row?.tokenHash
}

export async function deleteSessionsOf(tx: Tx, user: UserId): Promise<void> {
  await tx.deleteFrom('session').where('userId', '=', user).execute()
}
