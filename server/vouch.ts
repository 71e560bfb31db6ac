import { signIdentity } from '#federation/identity.ts'
import type { UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from './context.ts'
import type { Db } from './db/open.ts'
import { getUser } from './db/users.ts'

/**
 * The document in which we vouch for one of our users, signed now. Under one version only its dates differ, which
 * is how a node renews it (I4), so it need not be kept.
 */
export async function signedIdentity(context: Context, db: Db, user: UserId): Promise<string> {
  const { name, kind, status, identityVersion } = await getUser(db, user)
  const now = Math.floor(context.clock.now() / 1000)
  const { organisation } = context.config
  return signIdentity(
    {
      v: 1,
      iss: context.node,
      iat: now,
      exp: now + limits.identityLifeSeconds,
      sub: user,
      ver: identityVersion,
      kind,
      name,
      ...(organisation === undefined ? {} : { org: organisation }),
      status,
    },
    context.keys.signer,
  )
}
