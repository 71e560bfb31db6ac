import { jwkOf, type KeyPair, type Signer } from '#federation/keys.ts'
import { chooseSigningKey, type OperationLog } from '#federation/operation-log.ts'
import type { NodeId } from '#schema/ids.ts'
import { insertControlMessage } from '#server/db/control-messages.ts'
import { listHolders } from '#server/db/incarnation.ts'
import type { Tx } from '#server/db/open.ts'
import { setStanding } from '#server/db/peers.ts'
import { freezeShared } from '#server/db/spaces.ts'
import { newUuid } from '#server/ports/random.ts'
import type { RecoverPorts } from './recover.ts'
import { holdOwnTexts, readOwn, writeOperation } from './write.ts'

export type Retired =
  | { readonly ok: true; readonly log: OperationLog; readonly told: readonly NodeId[] }
  | { readonly ok: false; readonly why: 'no-history' | 'retired' | 'no-key' | 'not-a-recovery-key' }

/**
 * Closes the node for good: the last operation of its history, by an active key, or by the recovery key where there is
 * no other any more (K10). Spaces that are hosted here and shared are read-only from this commit on.
 */
export async function retireNode(ports: RecoverPorts, recoveryKey?: KeyPair): Promise<Retired> {
  return await ports.db.transaction().execute(async (tx) => await retireIn(ports, tx, recoveryKey))
}

async function retireIn(ports: RecoverPorts, tx: Tx, recoveryKey: KeyPair | undefined): Promise<Retired> {
  const { node, clock } = ports
  const texts = await holdOwnTexts(tx, ports)
  if (!texts) return { ok: false, why: 'no-history' }
  const before = readOwn(texts, ports)
  if (before.retired) return { ok: false, why: 'retired' }
  if (recoveryKey && !before.recovery.includes(recoveryKey.key.kid))
    return { ok: false, why: 'not-a-recovery-key' }
  const signer = recoveryKey?.signer ?? activeSigner(ports, before)
  if (!signer) return { ok: false, why: 'no-key' }
  const log = await writeOperation(ports, tx, texts, {
    what: { op: 'retire', ...(recoveryKey ? { reveal: jwkOf(recoveryKey.key, 0) } : {}) },
    signer,
  })
  await setStanding(tx, node, { retiredAt: clock.now() })
  await freezeShared(tx, node, 'retired')
  const told = await listHolders(tx, node)
  for (const peer of told) {
    const createdAt = clock.now()
    const id = newUuid(clock, ports.random)
    await insertControlMessage(tx, { id, node: peer, kind: 'hello', subject: peer, body: '', createdAt })
  }
  return { ok: true, log, told }
}

/** Undefined: no key that the history holds for good is on this machine. */
function activeSigner({ keys, clock }: RecoverPorts, log: OperationLog): Signer | undefined {
  const active = chooseSigningKey(log, keys.held, Math.floor(clock.now() / 1000))
  if (!active) return undefined
  keys.use(active.key.kid)
  return keys.signer
}
