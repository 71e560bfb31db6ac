import type { Hash } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { OperationLog } from './operation-log.ts'

// What a `recover` says of entries that were accepted before it (K18, K19). It follows from the entry and the key
// history alone, so that all nodes mark the same ones, whenever they get them.

/** What an entry says of the key of its author, and when the host wrote it down (ms). `kid` is null for the host itself. */
export type Written = { readonly kid: Hash | null; readonly at: number }

/** May somebody else have written this, who had the key? It holds by its signature all the same. */
export function isDisputed(log: OperationLog, { kid, at }: Written): boolean {
  // A host signs checkpoints: what it wrote between the theft and the recovery was under a key in doubt.
  if (kid === null) return log.recoveries.some((recovery) => isBetween(recovery, at))
  const found = log.keys.find(({ key }) => key.kid === kid)
  if (!found) return wasCutOff(log, { kid, at })
  return found.compromisedSince !== undefined && found.compromisedSince * 1000 <= at
}

/**
 * Was it written with a key of which only operations told that a `recover` cut off? Nobody can verify that any more
 * who did not do it in time. The time in which a host may still not have heard of the recovery is bounded, so that no
 * host can make up such keys for ever.
 */
export function wasCutOff(log: OperationLog, { kid, at }: Written): boolean {
  if (kid === null || log.keys.some(({ key }) => key.kid === kid)) return false
  return log.recoveries.some(({ since, at: until }) =>
    isBetween({ since, at: until + limits.statementLifeSeconds }, at),
  )
}

function isBetween(recovery: { readonly since: number; readonly at: number }, ms: number): boolean {
  return recovery.since * 1000 <= ms && ms < recovery.at * 1000
}
