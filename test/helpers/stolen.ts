import { createHash } from 'node:crypto'
import { jwkOf, type KeyPair, keyPairFromSeed } from '#federation/keys.ts'
import { readOperationLog, signOperation } from '#federation/operation-log.ts'
import { hashOfJws, readJws } from '#federation/strict-jws.ts'
import { listOperationTexts, replaceOperations } from '#server/db/node-ops.ts'
import { updatePinned } from '#server/db/peers.ts'
import type { NodeId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import type { Keys } from '#server/ports/keys.ts'
import { idOf, type Network } from './network.ts'

// Keys in the wrong hands.

/** The recovery key that a node of a network began with; with its newest seed, that of its last recovery. */
export function recoveryKeyOf(name: string): KeyPair {
  return recoveryKeyAfter(Buffer.from(name.padEnd(32, '.')))
}

function recoveryKeyAfter(seed: Uint8Array): KeyPair {
  return keyPairFromSeed(createHash('sha256').update('recovery').update(seed).digest())
}

/** The same keys in other hands: a context that signs for the node and has nothing else of it. */
export function thiefOf(context: Context): Context {
  return withKey(context, context.keys)
}

/**
 * Whoever has the key has published a rotation to one of their own under the node's domain, and another node has
 * pinned it. Returns the pair.
 */
export async function rotateAway(net: Network, name: string, at: string): Promise<KeyPair> {
  const node = idOf(name) as NodeId
  const { keys, clock } = net.node(name).context
  const { db } = net.node(at).context
  const own = keyPairFromSeed(Buffer.alloc(32, 66))
  const texts = await listOperationTexts(db, node, { after: 0, limit: 256 })
  const log = readOperationLog(texts, node)
  if (!log.ok) throw new Error('Its history is not valid.')
  const now = Math.floor(clock.now() / 1000)
  const jws = signOperation(
    {
      v: 1,
      node,
      seq: log.value.opSeq + 1,
      prev: log.value.opHash,
      op: 'rotate',
      active: [jwkOf(own.key, now)],
      at: now,
    },
    keys.signer,
  )
  const all = [...texts, jws].map((text) => ({ jws: text, hash: hashOf(text) }))
  await db.transaction().execute(async (tx) => {
    await replaceOperations(tx, node, all)
    await updatePinned(tx, node, { opSeq: all.length, opHash: all.at(-1)!.hash, statementVersion: 1_000_000 })
  })
  return own
}

function hashOf(text: string) {
  const jws = readJws(text, 'parley-op+jws', 4096)
  if (!jws.ok) throw new Error('An operation does not pass the gate.')
  return hashOfJws(jws.value)
}

/** A context that signs for a node with some other key. */
export function withKey(context: Context, { signer, key }: KeyPair): Context {
  // Whatever else is asked of them is the node's own.
  const keys = Object.create(context.keys, { signer: { value: signer }, key: { value: key } }) as Keys
  return { ...context, keys }
}
