// Chance that belongs to what it decides, not to when it is asked: the same seed, purpose and name give the same
// number. So one fault class can be switched off without reshuffling the others, and a history replays even where
// PostgreSQL grants a lock in another order.

/** A number in [0, 1). */
export type Chance = (name: string) => number

export function chanceOf(seed: string, purpose: string): Chance {
  return (name) => mix(`${seed}\n${purpose}\n${name}`)
}

/** cyrb53: two 32-bit lanes over the characters, stirred at the end; 53 bits of it. */
function mix(text: string): number {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return (4294967296 * (2097151 & b) + (a >>> 0)) / 9007199254740992
}

export function between(value: number, low: number, high: number): number {
  return low + value * (high - low)
}

export function pick<T>(value: number, from: readonly T[]): T {
  return from[Math.min(from.length - 1, Math.floor(value * from.length))]!
}

/** Mostly short, sometimes long: an exponential around a mean. */
export function exponential(value: number, mean: number): number {
  return -Math.log(1 - value) * mean
}

/** One of several, by weight. */
export function weighted<T extends string>(value: number, weights: Readonly<Record<T, number>>): T {
  const entries = Object.entries(weights) as [T, number][]
  let rest = value * entries.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [name, weight] of entries) {
    rest -= weight
    if (rest < 0) return name
  }
  return entries.at(-1)![0]
}
