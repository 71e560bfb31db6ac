import { limits } from '#schema/limits.ts'
import { fraction, type Random } from '#server/ports/random.ts'

/**
 * How long to wait after the n-th failure in a row: exponential with full jitter, 1 s to 1 h (§9.4). In whole
 * milliseconds, as every time that is stored.
 */
export function retryDelayMs(failures: number, random: Random): number {
  const ceiling = Math.min(limits.retryDelayMaxMs, limits.retryDelayMinMs * 2 ** Math.min(failures, 20))
  return limits.retryDelayMinMs + Math.floor(fraction(random) * (ceiling - limits.retryDelayMinMs + 1))
}
