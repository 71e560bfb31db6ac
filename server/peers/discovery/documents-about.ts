import { nodeOf, type UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { listIdentityRows } from '#server/db/identities.ts'
import { signedIdentities, type Vouched } from '#server/vouch.ts'

/**
 * The documents about people, as far as we have any: ours are signed now, others are passed on as they came, since
 * whoever holds one may.
 */
export async function documentsAbout(context: Context, users: Iterable<UserId>): Promise<Vouched[]> {
  const all = [...new Set(users)]
  const ours = all.filter((user) => nodeOf(user) === context.node)
  const theirs = all.filter((user) => nodeOf(user) !== context.node)
  const rows = await listIdentityRows(context.db, theirs)
  return [
    ...(await signedIdentities(context, context.db, ours)),
    ...rows.map(({ userId: user, version, expiresAt, jws }) => ({ user, version, expiresAt, jws })),
  ]
}
