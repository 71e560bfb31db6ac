import type { SpaceId, UserId } from '#schema/ids.ts'
import type { Tx } from './open.ts'

// Memberships in spaces of other hosts that our own administrator has ended. They are closed here at once; the row
// goes when the host's log says what became of the membership.

export async function putEnding(tx: Tx, space: SpaceId, user: UserId, at: number): Promise<void> {
  await tx
    .insertInto('ending')
    .values({ spaceId: space, userId: user, at })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function deleteEnding(tx: Tx, space: SpaceId, user: UserId): Promise<void> {
  await tx.deleteFrom('ending').where('spaceId', '=', space).where('userId', '=', user).execute()
}
