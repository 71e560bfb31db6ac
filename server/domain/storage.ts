import type { UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { addStorage } from '#server/db/guests.ts'
import type { Tx } from '#server/db/open.ts'
import type { AccountRole } from '#server/db/tables.ts'
import { Refusal } from '#server/refusal.ts'

/**
 * Counts what an account holds, in the transaction that stores it or deletes it (then `bytes` is below zero). A guest
 * holds up to 1 GiB; two uploads at once queue up at the account's row, so together they stay below it too.
 */
export async function countStorage(
  tx: Tx,
  owner: { readonly userId: UserId; readonly role: AccountRole },
  bytes: number,
): Promise<void> {
  const bytesMax = owner.role === 'guest' ? limits.guestStorageBytesMax : Number.MAX_SAFE_INTEGER
  if (!(await addStorage(tx, owner.userId, { bytes, bytesMax }))) throw new Refusal('quota-exceeded')
}
