import { createHash } from 'node:crypto'
import type { Random } from '#server/ports/random.ts'

/** Chance that is the same every time: a stream of SHA-256 blocks over a seed and a counter. */
export function seededRandom(seed: string): Random {
  let counter = 0
  let rest = Buffer.alloc(0)
  return {
    bytes(count) {
      while (rest.length < count) {
        rest = Buffer.concat([rest, createHash('sha256').update(`${seed}:${counter++}`).digest()])
      }
      const bytes = rest.subarray(0, count)
      rest = rest.subarray(count)
      return bytes
    },
  }
}
