import { type Selectable, sql } from 'kysely'
import { type NodeId, nodeOf, type UserId } from '#schema/ids.ts'
import type { Identity } from '#schema/wire/identity.ts'
import { skeletonOf } from '#server/ports/skeleton.ts'
import type { Db, Tx } from './open.ts'
import type { UserRow } from './users.ts'
import type { Tables } from './tables.ts'

export type IdentityRow = Selectable<Tables['identity']>

/** The documents that we hold of users of other nodes. */
export async function listIdentityRows(db: Db, users: readonly UserId[]): Promise<IdentityRow[]> {
  if (users.length === 0) return []
  return await db
    .selectFrom('identity')
    .selectAll()
    .where('userId', '=', sql<UserId>`any(${[...users]})`)
    .execute()
}

/** Forgets the documents that a node has signed about its users. */
export async function dropIdentitiesOf(tx: Tx, node: NodeId): Promise<void> {
  await tx
    .deleteFrom('identity')
    .where(sql<boolean>`split_part(user_id, '@', 2) = ${node}`)
    .execute()
}

export async function findIdentity(db: Db, user: UserId): Promise<IdentityRow | undefined> {
  return await db.selectFrom('identity').selectAll().where('userId', '=', user).executeTakeFirst()
}

/** When the hour began in which so many versions of a document came. */
export type Changes = { readonly changesSince: number; readonly changes: number }

/** Stores what another node says of its user. Never touches a user of ours: they are not written by documents. */
export async function putIdentity(tx: Tx, identity: Identity, jws: string, changes: Changes): Promise<void> {
  const { sub, ver, kind, name, org, title, time_zone: timeZone, status_text: statusText, exp } = identity
  const said = { organisation: org, title, timeZone, statusText }
  const texts = Object.fromEntries(Object.entries(said).map(([field, text]) => [field, text ?? null]))
  const { status } = identity
  const row = { name, kind, status, ...texts, identityVersion: ver, skeleton: skeletonOf(name) }
  await tx
    .insertInto('user')
    .values({ id: sub, node: nodeOf(sub), ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
  const expiresAt = exp * 1000
  await tx
    .insertInto('identity')
    .values({ userId: sub, version: ver, expiresAt, jws, ...changes })
    .onConflict((conflict) =>
      conflict.column('userId').doUpdateSet({ version: ver, expiresAt, jws, ...changes }),
    )
    .execute()
}

/** What our documents state beside the rows of our users; undefined before it was ever set down. */
export type Vouching = Pick<Selectable<Tables['vouching']>, 'fields' | 'organisation'>

export async function holdVouching(tx: Tx): Promise<Vouching | undefined> {
  return await tx.selectFrom('vouching').selectAll().forUpdate().executeTakeFirst()
}

export async function putVouching(tx: Tx, vouching: Vouching): Promise<void> {
  await tx
    .insertInto('vouching')
    .values({ id: 1, ...vouching })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(vouching))
    .execute()
}

/** Users of ours with what our documents state of all of them, as of one moment: a version belongs to both. */
export async function listVouchedFor(
  db: Db,
  users: readonly UserId[],
): Promise<(UserRow & { readonly fields: string | null; readonly company: string | null })[]> {
  return await db
    .selectFrom('user')
    .leftJoin('vouching', (join) => join.onTrue())
    .selectAll('user')
    .select(['vouching.fields', 'vouching.organisation as company'])
    .where('user.id', '=', sql<UserId>`any(${[...users]})`)
    .execute()
}
