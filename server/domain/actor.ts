import type { Handle, UserId } from '#schema/ids.ts'
import type { AccountRole } from '#server/db/tables.ts'

/** The user on whose behalf a use case runs, as their session showed when the request came. */
export type Actor = {
  readonly userId: UserId
  /** Null for a guest. */
  readonly handle: Handle | null
  readonly role: AccountRole
  readonly identityVersion: number
  /** SHA-256 of the session's token. */
  readonly sessionHash: string
}

/** May they decide for the workspace? */
export function isAdmin({ role }: Pick<Actor, 'role'>): boolean {
  return role === 'owner' || role === 'admin'
}
