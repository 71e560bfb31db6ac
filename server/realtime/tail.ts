import type { Frame } from './hub.ts'

// How far one view of a log has come, and what waits to be taken behind it.

const offersMax = 100

export type Tail = {
  position(): number
  /** What comes before this entry is not to be seen, or not here: nothing of it is missing. */
  beginAt(seq: number): void
  /** Takes entries that follow, without what it has already. False: something before them is missing. */
  take(frame: Frame): boolean
  /** Keeps entries for later. False: there is no room, so the log has to be read. */
  keep(frame: Frame): boolean
  /** Takes what was kept. False: something is missing between. */
  takeKept(): boolean
}

export function openTail(after: number, send: (text: string) => void): Tail {
  let position = after
  let kept: Frame[] = []

  function take(frame: Frame): boolean {
    const { first, last } = frame
    if (first > position + 1) return false
    if (last <= position) return true
    send(first === position + 1 ? frame.text : frame.after(position))
    position = last
    return true
  }

  return {
    position: () => position,
    beginAt(seq) {
      position = Math.max(position, seq - 1)
    },
    take,
    keep(frame) {
      if (kept.length >= offersMax) return false
      kept.push(frame)
      return true
    },
    takeKept() {
      const all = kept
      kept = []
      return all.map(take).every(Boolean)
    },
  }
}
