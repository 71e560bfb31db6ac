import type { Frames } from './hub.ts'

// How far one view of a log has come, and what waits to be taken behind it.

const offersMax = 100

export type Tail = {
  position(): number
  /** Takes frames that follow, without what it has already. False: something before them is missing. */
  take(frames: Frames): boolean
  /** Keeps frames for later. False: there is no room, so the log has to be read. */
  keep(frames: Frames): boolean
  /** Takes what was kept. False: something is missing between. */
  takeKept(): boolean
}

export function openTail(after: number, send: (texts: readonly string[]) => void): Tail {
  let position = after
  let kept: Frames[] = []

  function take({ first, last, texts }: Frames): boolean {
    if (first > position + 1) return false
    if (last <= position) return true
    send(texts.slice(position + 1 - first))
    position = last
    return true
  }

  return {
    position: () => position,
    take,
    keep(frames) {
      if (kept.length >= offersMax) return false
      kept.push(frames)
      return true
    },
    takeKept() {
      const all = kept
      kept = []
      return all.map(take).every(Boolean)
    },
  }
}
