import { hash } from 'node:crypto'
import { z } from 'zod'
import { fanOut } from './fan-out.ts'
import type { Entry } from './space.ts'
import type { Spaces } from './spaces.ts'
import type { Store } from './store.ts'

const Received = z.strictObject({
  v: z.literal(1),
  space: z.string(),
  seq: z.number().int(),
  prev: z.string(),
  type: z.string(),
  origin: z.string(),
  at: z.number().int(),
  id: z.string(),
  sender: z.string(),
  content: z.strictObject({ text: z.string() }),
})

export type Receiver = { receive(body: Buffer): Promise<void> }

/** Checks the chain of a batch whose signature is good, writes it, and shows it. One batch after the other. */
export function openReceiver(store: Store, spaces: Spaces): Receiver {
  let last = Promise.resolve()

  async function apply(body: Buffer): Promise<void> {
    const entries: Entry[] = []
    for (const item of JSON.parse(body.toString()) as unknown[]) {
      const received = Received.parse(item)
      const space = spaces.get(received.space)
      if (received.seq <= space.seq) continue
      if (received.seq !== space.seq + 1 || received.prev !== space.hash)
        throw new Error('The chain is broken.')
      const raw = Buffer.from(JSON.stringify(received))
      space.seq = received.seq
      space.hash = hash('sha256', raw, 'base64url')
      entries.push({ space, seq: space.seq, id: received.id, raw, hash: space.hash })
    }
    if (entries.length === 0) return
    await store.insertReplicated(entries)
    fanOut(entries)
  }

  return {
    async receive(body) {
      const before = last
      const mine = before.catch(() => undefined).then(async () => await apply(body))
      last = mine
      await mine
    },
  }
}
