import { type OperationLog, readOperationLog, signOperation } from '#federation/operation-log.ts'
import type { Signer } from '#federation/keys.ts'
import { hashOfJws, readJws } from '#federation/strict-jws.ts'
import type { Hash } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Operation } from '#schema/wire/operation.ts'
import type { Context } from '#server/context.ts'
import { insertAudit } from '#server/db/audit.ts'
import { listOperationTexts, type OperationText, replaceOperations } from '#server/db/node-ops.ts'
import type { Tx } from '#server/db/open.ts'
import { holdPeer, updatePinned } from '#server/db/peers.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { reloadOwnDocuments } from '../discovery/self.ts'

/** One more operation of our own history, and who signs it. `base`: how many of the operations before it stay. */
export type NewOperation = {
  readonly what: Pick<Operation, 'op' | 'active' | 'recovery' | 'base' | 'compromised_since' | 'reveal'>
  readonly signer: Signer
  readonly base?: number
}

/**
 * Writes an operation into our key history, in one transaction that no other process crosses: judged by the rules that
 * everybody else judges it by, before anybody else sees it. `decide` says what, or undefined when there is nothing to do.
 */
export async function appendOperation(
  context: Context,
  decide: (log: OperationLog) => NewOperation | undefined,
  also?: (tx: Tx, log: OperationLog) => Promise<void>,
): Promise<OperationLog | undefined> {
  // A history that goes on from a place where it has gone on before is another one (K13).
  if (context.mode.recovering) throw new Refusal('recovery-mode')
  // A new node may not have a history yet.
  await reloadOwnDocuments(context)
  const { db, node, clock } = context
  const appended = await db.transaction().execute(async (tx) => {
    if (!(await holdPeer(tx, node))) throw new Error('Our own documents have gone from the database.')
    const texts = await listOperationTexts(tx, node, { after: 0, limit: limits.operationsPerLogMax })
    const operation = decide(readOwn(texts, context))
    if (!operation) return undefined
    const kept = texts.slice(0, operation.base ?? texts.length)
    const before = readOwn(kept, context)
    const at = Math.floor(clock.now() / 1000)
    const jws = signOperation(
      { v: 1, node, seq: before.opSeq + 1, prev: before.opHash, ...operation.what, at },
      operation.signer,
    )
    const after = [...kept, jws]
    const log = readOwn(after, context)
    await replaceOperations(tx, node, after.map(named))
    await updatePinned(tx, node, { opSeq: log.opSeq, opHash: log.opHash })
    const id = newUuid(clock, context.random)
    await insertAudit(tx, {
      id,
      at: clock.now(),
      actor: null,
      act: `keys.${operation.what.op}`,
      subject: log.opHash,
    })
    await also?.(tx, log)
    return log
  })
  // The statement names the head, so it is signed anew.
  if (appended) await reloadOwnDocuments(context)
  return appended
}

function readOwn(texts: readonly string[], { node }: Context): OperationLog {
  const log = readOperationLog(texts, node)
  if (!log.ok) throw new Error(`Our key history would not be valid: ${log.detail ?? log.code}.`)
  return log.value
}

function named(jws: string): OperationText {
  return { hash: hashOf(jws), jws }
}

function hashOf(text: string): Hash {
  const jws = readJws(text, 'parley-op+jws', limits.operationBytesMax)
  if (!jws.ok) throw new Error('Our own operation does not pass the gate.')
  return hashOfJws(jws.value)
}
