import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import type { Peer, Signer } from './settings.ts'
import type { Entry } from './space.ts'
import type { Store } from './store.ts'

const batchMax = 500
const cursorEveryMs = 250
const retryMs = 200

export type Delivery = {
  /** Takes entries that are on disk. */
  offer(entries: readonly Entry[]): void
  send(peer: string, path: string, body: Buffer): Promise<void>
}

/** One signed batch in flight per peer: a low load sends at once, a high one fills its batches by itself. */
export function openDelivery(ports: {
  readonly store: Store
  readonly signer: Signer
  readonly peers: readonly Peer[]
}): Delivery {
  const pools = new Map(ports.peers.map((peer) => [peer.node, new Pool(peer.origin, { connections: 4 })]))
  const queues = new Map(ports.peers.map(({ node }) => [node, openQueue(ports.store, node, send)]))

  async function send(peer: string, path: string, body: Buffer): Promise<void> {
    const pool = pools.get(peer)
    if (!pool) throw new Error(`${peer} is no peer.`)
    const answer = await pool.request({ path, method: 'POST', headers: ports.signer.headersOf(body), body })
    const text = await answer.body.text()
    if (answer.statusCode !== 200) throw new Error(`${peer} answered ${answer.statusCode}: ${text}`)
  }

  return {
    send,
    offer(entries) {
      for (const entry of entries) for (const peer of entry.space.followers) queues.get(peer)?.push(entry)
    },
  }
}

function openQueue(store: Store, peer: string, send: Delivery['send']): { push(entry: Entry): void } {
  let waiting: Entry[] = []
  let busy = false
  let acked = new Map<string, number>()
  let saving = false

  async function pump(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, batchMax)
      try {
        await send(peer, '/federation/entries', joined(batch))
      } catch (error) {
        console.error(String(error))
        await sleep(retryMs)
        continue
      }
      waiting = waiting.slice(batch.length)
      for (const { space, seq } of batch) acked.set(space.id, seq)
      void saveSoon()
    }
    busy = false
  }

  // The cursor may lag: after a crash the peer's own head decides.
  async function saveSoon(): Promise<void> {
    if (saving) return
    saving = true
    await sleep(cursorEveryMs)
    saving = false
    const moved = acked
    acked = new Map()
    await store.moveCursors(peer, moved)
  }

  return {
    push(entry) {
      waiting.push(entry)
      if (busy) return
      busy = true
      setImmediate(() => void pump())
    },
  }
}

const [open, comma, close] = ['[', ',', ']'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer]

function joined(entries: readonly Entry[]): Buffer {
  const parts = entries.flatMap(({ raw }, i) => [i === 0 ? open : comma, raw])
  return Buffer.concat([...parts, close])
}
