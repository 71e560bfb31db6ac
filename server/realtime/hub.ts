import type { Entry } from '#schema/entry.ts'
import { isStateType } from '#schema/event/types.ts'
import type { SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { StreamFrame } from '#schema/stream.ts'
import type { Context } from '#server/context.ts'
import { listHeads } from '#server/db/spaces.ts'
import { type Readable, viewEntries } from '#server/domain/entries.ts'
import type { Viewpoint } from '#server/domain/people.ts'
import type { Placed } from '#server/log/intent.ts'

// Who is watching which space. A commit becomes one frame, whoever watches; each watcher takes it if it follows
// what it has, and otherwise reads the log from its own position.

/** Contiguous entries as one frame, ready to be sent: one write per socket, however many messages a commit has. */
export type Frame = {
  readonly first: number
  readonly last: number
  readonly text: string
  /** The frame without the entries up to a position, for a watcher that has those. */
  after(position: number): string
}

export type Watcher = {
  /** Whose eyes the people in a frame are seen with. */
  readonly viewpoint: Viewpoint
  /** Takes entries that are new, or finds out what it missed before them. */
  offer(frame: Frame): void
  /** The log has come at least this far, and was cut so many times. */
  reach(head: number, cuts: number): void
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

export function frameOfEntries(entries: readonly Entry[]): Frame | undefined {
  const [begin] = entries
  if (!begin) return undefined
  const { seq: first, space } = begin
  return {
    first,
    last: first + entries.length - 1,
    text: frameOf({ type: 'entries', space, entries: [...entries] }),
    after: (position) => frameOf({ type: 'entries', space, entries: entries.slice(position + 1 - first) }),
  }
}

export function openHub(context: Context): Hub {
  const channels = new Map<SpaceId, Set<Watcher>>()
  const listeners = new Set<(space: SpaceId) => void>()
  // Frames of one space are made in the order of its commits, although names may have to be read for them.
  const making = new Map<SpaceId, Promise<void>>()

  async function publish(space: SpaceId, placed: readonly Placed[]): Promise<void> {
    // One frame for all members, and one for each guest: to them others are external.
    for (const viewpoint of new Set([...(channels.get(space) ?? [])].map((watcher) => watcher.viewpoint))) {
      const frame = frameOfEntries(await viewEntries(context, viewpoint, placed.map(readableOf)))
      if (!frame) return
      for (const watcher of channels.get(space) ?? []) {
        if (watcher.viewpoint === viewpoint) watcher.offer(frame)
      }
    }
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
    for (const { id, headSeq, cuts } of await listHeads(context.db, [...channels.keys()])) {
      for (const watcher of channels.get(id) ?? []) watcher.reach(headSeq, cuts)
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

function readableOf({ space, entry, event, standing, disputed }: Placed): Readable {
  return {
    spaceId: space,
    seq: entry.body.seq,
    eventId: event.header.id,
    type: event.header.type,
    at: entry.body.at,
    sender: event.header.sender,
    standing,
    disputed,
    content: event.wire.content,
  }
}
