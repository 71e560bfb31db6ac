import type { Entry } from '#schema/entry.ts'
import { isStateType } from '#schema/event/types.ts'
import type { SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { StreamFrame } from '#schema/stream.ts'
import type { Context } from '#server/context.ts'
import { listHeads } from '#server/db/spaces.ts'
import { viewEntries } from '#server/domain/entries.ts'
import type { Placed } from '#server/log/intent.ts'

// Who is watching which space. A commit becomes frames once, whoever watches; each watcher takes them if they follow
// what it has, and otherwise reads the log from its own position.

/** Entries as frames, ready to be sent: `first` is the seq of the first, and they are contiguous. */
export type Frames = { readonly first: number; readonly last: number; readonly texts: readonly string[] }

export type Watcher = {
  /** Takes frames that are new, or finds out what it missed before them. */
  offer(frames: Frames): void
  /** The log has come at least this far. */
  reach(head: number): void
}

export type Hub = {
  /** Before reading: an entry committed in between would otherwise wake nobody. */
  watch(space: SpaceId, watcher: Watcher): () => void
  /** Calls back when the state of some space has changed, and with it perhaps who sees what. */
  onStateChange(listener: (space: SpaceId) => void): () => void
}

export function frameOf(frame: StreamFrame): string {
  return JSON.stringify(frame)
}

export function framesOf(entries: readonly Entry[]): Frames | undefined {
  const first = entries[0]?.seq
  if (first === undefined) return undefined
  const texts = entries.map((entry) => frameOf({ type: 'entry', entry }))
  return { first, last: first + texts.length - 1, texts }
}

export function openHub(context: Context): Hub {
  const channels = new Map<SpaceId, Set<Watcher>>()
  const listeners = new Set<(space: SpaceId) => void>()
  // Frames of one space are made in the order of its commits, although names may have to be read for them.
  const making = new Map<SpaceId, Promise<void>>()

  async function publish(space: SpaceId, placed: readonly Placed[]): Promise<void> {
    const frames = framesOf(await viewEntries(context, placed.map(readableOf)))
    if (frames) for (const watcher of channels.get(space) ?? []) watcher.offer(frames)
  }

  context.log.onCommit((space, placed) => {
    if (placed.some(({ event }) => isStateType(event.header.type))) {
      for (const listener of listeners) listener(space)
    }
    if (!channels.has(space)) return
    const made = (making.get(space) ?? Promise.resolve()).then(async () => await publish(space, placed))
    making.set(space, made)
    context.tasks.spawn('frames', async () => {
      await made.finally(() => making.get(space) === made && making.delete(space))
    })
  })

  // What another process of this node has committed tells nobody here; and a wake-up may be lost.
  context.tasks.every('stream sweep', limits.sweepMs, async () => {
    if (channels.size === 0) return
    for (const { id, headSeq } of await listHeads(context.db, [...channels.keys()])) {
      for (const watcher of channels.get(id) ?? []) watcher.reach(headSeq)
    }
  })

  return {
    watch(space, watcher) {
      const channel = channels.get(space) ?? new Set()
      channels.set(space, channel.add(watcher))
      return () => {
        channel.delete(watcher)
        if (channel.size === 0) channels.delete(space)
      }
    },
    onStateChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

function readableOf({ space, entry, event, standing }: Placed): Parameters<typeof viewEntries>[1][number] {
  return {
    spaceId: space,
    seq: entry.body.seq,
    eventId: event.header.id,
    type: event.header.type,
    at: entry.body.at,
    sender: event.header.sender,
    standing,
    content: event.wire.content,
  }
}
