import { jwkOf, type KeyPair, type NodeKey } from '#federation/keys.ts'
import type { OperationLog } from '#federation/operation-log.ts'
import type { Hash, NodeId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { insertControlMessage } from '#server/db/control-messages.ts'
import { forgetPushesOf } from '#server/db/identity-pushes.ts'
import { findIncarnation, listFollowers, markRecovery } from '#server/db/incarnation.ts'
import type { Tx } from '#server/db/open.ts'
import { listApproved } from '#server/db/peers.ts'
import { askFollowers } from '#server/db/recovery.ts'
import { newUuid } from '#server/ports/random.ts'
import { disputeEntries } from '../discovery/recovered.ts'
import { holdOwnTexts, readOwn, writeOperation } from './write.ts'

// The keys of this node were stolen, or are lost. The recovery key, which was never on it, replaces them all (§3.5).

export type Recovery = {
  readonly recoveryKey: KeyPair
  /** Seconds. What was signed from then on may be somebody else's. */
  readonly since: number
  /** How many operations of the history stay; all of them unless somebody else has written into it. */
  readonly keep?: number | undefined
}

export type Recovered =
  | {
      readonly ok: true
      readonly log: OperationLog
      readonly key: Hash
      readonly commitment: Hash
      /** How many entries of our own are disputed here. */
      readonly disputed: number
      /** Who is asked what it holds of ours, before what we host goes on. */
      readonly asked: readonly NodeId[]
    }
  | {
      readonly ok: false
      readonly why: 'no-history' | 'retired' | 'recovering' | 'not-a-recovery-key' | 'keep' | 'since'
    }

/** `keys` are not looked at before the recovery key has turned out to be one: they may not be there. */
export type RecoverPorts = Pick<Context, 'node' | 'db' | 'clock' | 'random' | 'keys'>

/**
 * Replaces all keys of the node, whether it runs or not: it needs none of them. New keys are on the disk before the
 * operation is in the history, and the old ones are there until it is.
 */
export async function recoverKeys(ports: RecoverPorts, recovery: Recovery): Promise<Recovered> {
  const recovered = await ports.db.transaction().execute(async (tx) => await recoverIn(ports, tx, recovery))
  if (!recovered.ok) return recovered
  ports.keys.keepOnly([recovered.key])
  ports.keys.keepOnlyRecovery([recovered.commitment])
  return recovered
}

async function recoverIn(
  ports: RecoverPorts,
  tx: Tx,
  { recoveryKey, since, keep }: Recovery,
): Promise<Recovered> {
  const { node, clock } = ports
  const texts = await holdOwnTexts(tx, ports)
  if (!texts) return { ok: false, why: 'no-history' }
  if (keep !== undefined && (keep < 1 || keep > texts.length)) return { ok: false, why: 'keep' }
  const whole = readOwn(texts, ports)
  const before = readOwn(texts.slice(0, keep ?? texts.length), ports)
  const now = Math.floor(clock.now() / 1000)
  if (before.retired) return { ok: false, why: 'retired' }
  if (since > now) return { ok: false, why: 'since' }
  // A history that goes on from a place where it has gone on before is another one (K13).
  if ((await findIncarnation(tx))?.reason) return { ok: false, why: 'recovering' }
  if (!before.recovery.includes(recoveryKey.key.kid)) return { ok: false, why: 'not-a-recovery-key' }
  const key = freshKey(ports, whole)
  const commitment = ports.keys.makeRecovery()
  const log = await writeOperation(ports, tx, texts, {
    what: {
      op: 'recover',
      active: [jwkOf(key, now)],
      recovery: [commitment],
      base: before.opHash,
      compromised_since: since,
      reveal: jwkOf(recoveryKey.key, 0),
    },
    signer: recoveryKey.signer,
    base: before.opSeq,
  })
  const disputed = await disputeEntries(tx, log)
  await forgetPushesOf(tx, node)
  await sayHello(ports, tx)
  return { ok: true, log, key: key.kid, commitment, disputed, asked: await hold(ports, tx) }
}

/** One that was made and never used, when the command is run again; nobody has heard of it. */
function freshKey({ keys }: RecoverPorts, { keys: known }: OperationLog): NodeKey {
  const kids = new Set(known.map(({ key }) => key.kid))
  return keys.held.find(({ kid }) => !kids.has(kid)) ?? keys.make()
}

/**
 * Followers may hold more of our logs than we do, by the hand of whoever had the key: what we host waits until they have
 * said so, as after a restore. A request by the new key is also how they learn of it (B8).
 */
async function hold({ node, clock }: RecoverPorts, tx: Tx): Promise<readonly NodeId[]> {
  const followers = await listFollowers(tx, node)
  if (followers.length === 0) return []
  await markRecovery(tx, clock.now(), 'keys-recovered')
  await askFollowers(tx, node, followers, clock.now())
  return followers
}

/** Partners with whom nothing is shared now are told too. */
async function sayHello({ node, clock, random }: RecoverPorts, tx: Tx): Promise<void> {
  for (const partner of await listApproved(tx, node)) {
    const createdAt = clock.now()
    const id = newUuid(clock, random)
    await insertControlMessage(tx, {
      id,
      node: partner,
      kind: 'hello',
      subject: partner,
      body: '',
      createdAt,
    })
  }
}
