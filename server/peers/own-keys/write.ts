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

// One more operation of our own key history, as a command writes it beside the node and the node itself.

/** What of a node it takes; no key of it has to be good. */
export type KeyPorts = Pick<Context, 'node' | 'clock' | 'random'>

/** One more operation of our own history, and who signs it. `base`: how many of the operations before it stay. */
export type NewOperation = {
  readonly what: Pick<Operation, 'op' | 'active' | 'recovery' | 'base' | 'compromised_since' | 'reveal'>
  readonly signer: Signer
  readonly base?: number
}

/** Our own key history, held against others who want to write into it. Undefined: there is none yet. */
export async function holdOwnTexts(tx: Tx, { node }: KeyPorts): Promise<readonly string[] | undefined> {
  if (!(await holdPeer(tx, node))) return undefined
  return await listOperationTexts(tx, node, { after: 0, limit: limits.operationsPerLogMax })
}

/** Writes an operation behind those that are held. Judged by the rules that everybody else judges it by. */
export async function writeOperation(
  ports: KeyPorts,
  tx: Tx,
  texts: readonly string[],
  operation: NewOperation,
): Promise<OperationLog> {
  const { node, clock } = ports
  const kept = texts.slice(0, operation.base ?? texts.length)
  const before = readOwn(kept, ports)
  const at = Math.floor(clock.now() / 1000)
  const jws = signOperation(
    { v: 1, node, seq: before.opSeq + 1, prev: before.opHash, ...operation.what, at },
    operation.signer,
  )
  const after = [...kept, jws]
  const log = readOwn(after, ports)
  await replaceOperations(tx, node, after.map(named))
  await updatePinned(tx, node, { opSeq: log.opSeq, opHash: log.opHash })
  const id = newUuid(clock, ports.random)
  const act = `keys.${operation.what.op}`
  await insertAudit(tx, { id, at: clock.now(), actor: null, act, subject: log.opHash })
  return log
}

export function readOwn(texts: readonly string[], { node }: KeyPorts): OperationLog {
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
