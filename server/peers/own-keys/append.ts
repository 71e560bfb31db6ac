import type { OperationLog } from '#federation/operation-log.ts'
import type { Context } from '#server/context.ts'
import { Refusal } from '#server/refusal.ts'
import { reloadOwnDocuments } from '../discovery/self.ts'
import { holdOwnTexts, type NewOperation, readOwn, writeOperation } from './write.ts'

/**
 * Writes an operation into our key history, in one transaction that no other process crosses, before anybody else sees
 * it. `decide` says what, or undefined when there is nothing to do.
 */
export async function appendOperation(
  context: Context,
  decide: (log: OperationLog) => NewOperation | undefined,
): Promise<OperationLog | undefined> {
  // A history that goes on from a place where it has gone on before is another one (K13).
  if (context.mode.recovering) throw new Refusal('recovery-mode')
  // A new node may not have a history yet.
  await reloadOwnDocuments(context)
  const appended = await context.db.transaction().execute(async (tx) => {
    const texts = await holdOwnTexts(tx, context)
    if (!texts) throw new Error('Our own documents have gone from the database.')
    const operation = decide(readOwn(texts, context))
    return operation && (await writeOperation(context, tx, texts, operation))
  })
  // The statement names the head, so it is signed anew.
  if (appended) await reloadOwnDocuments(context)
  return appended
}
