import type { Hash, NodeId } from '#schema/ids.ts'
import type { Db, Tx } from './open.ts'

// Key histories: our own, which we serve, and those that we pinned of others.

export async function listOperationTexts(
  db: Db,
  node: NodeId,
  page: { readonly after: number; readonly limit: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('nodeOp')
    .select('jws')
    .where('node', '=', node)
    .where('seq', '>', page.after)
    .orderBy('seq')
    .limit(page.limit)
    .execute()
  return rows.map((row) => row.jws)
}

export type OperationText = { readonly hash: Hash; readonly jws: string }

/** Puts a whole history in the place of the one that is held; a `recover` may have cut off its end. */
export async function replaceOperations(
  tx: Tx,
  node: NodeId,
  operations: readonly OperationText[],
): Promise<void> {
  await tx.deleteFrom('nodeOp').where('node', '=', node).execute()
  await tx
    .insertInto('nodeOp')
    .values(operations.map(({ hash, jws }, index) => ({ node, seq: index + 1, hash, jws })))
    .execute()
}
