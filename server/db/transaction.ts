import type { Db, Tx } from './open.ts'

/**
 * Runs `work` in a transaction, telling apart what failed before COMMIT was sent (nothing is written) from
 * what failed after (nobody knows): then `onCommitError` makes the error to throw.
 */
export async function transact<T>(
  db: Db,
  work: (tx: Tx) => Promise<T>,
  onCommitError: (cause: unknown) => Error,
): Promise<T> {
  const tx = await db.startTransaction().execute()
  let value: T
  try {
    value = await work(tx)
  } catch (error) {
    // The connection may be the very thing that broke; the first error is the one that matters.
    await tx
      .rollback()
      .execute()
      .catch(() => undefined)
    throw error
  }
  try {
    await tx.commit().execute()
  } catch (error) {
    // Gives the connection back; a COMMIT that failed has left nothing to roll back.
    await tx
      .rollback()
      .execute()
      .catch(() => undefined)
    throw onCommitError(error)
  }
  return value
}
