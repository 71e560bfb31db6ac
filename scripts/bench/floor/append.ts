import { hash } from 'node:crypto'
import { fanOut } from './fan-out.ts'
import type { Entry, Space } from './space.ts'
import type { Store } from './store.ts'

type Message = { readonly id: string; readonly sender: string; readonly text: string }

type Waiting = {
  readonly space: Space
  readonly message: Message
  readonly settle: (entry: Entry) => void
}

const batchMax = 500

export type Appender = { append(space: Space, message: Message): Promise<Entry> }

/** Group commit: what has queued while the last statement was under way becomes the next one. */
export function openAppender(ports: {
  readonly node: string
  readonly store: Store
  readonly delivered: (entries: readonly Entry[]) => void
}): Appender {
  const waiting: Waiting[] = []
  let busy = false

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, batchMax)
      const entries = batch.map(({ space, message }) => place(ports.node, space, message))
      // A fault ends the process: a floor recovers from nothing.
      await ports.store.insert(entries)
      for (const [i, { settle }] of batch.entries()) settle(entries[i]!)
      fanOut(entries)
      ports.delivered(entries)
    }
    busy = false
  }

  return {
    append: async (space, message) =>
      await new Promise((settle) => {
        waiting.push({ space, message, settle })
        if (busy) return
        busy = true
        // After this turn of the event loop, so that requests that came in together go down together.
        setImmediate(() => void flush())
      }),
  }
}

function place(node: string, space: Space, { id, sender, text }: Message): Entry {
  space.seq++
  const entry = {
    v: 1,
    space: space.id,
    seq: space.seq,
    prev: space.hash,
    type: 'msg.post',
    origin: node,
    at: Date.now(),
    id,
    sender,
    content: { text },
  }
  const raw = Buffer.from(JSON.stringify(entry))
  space.hash = hash('sha256', raw, 'base64url')
  return { space, seq: space.seq, id, raw, hash: space.hash }
}
