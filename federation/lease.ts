import { limits } from '#schema/limits.ts'
import { Lease } from '#schema/wire/lease.ts'
import type { DocumentKind } from './document.ts'
import type { Signer } from './keys.ts'
import { type Refused, refuse } from './outcome.ts'
import { signJws } from './strict-jws.ts'

// The host's word for how long a node may let its users read (SPEC A1 to A7).

export const leaseKind: DocumentKind<typeof Lease> = {
  typ: 'parley-lease+jws',
  shape: Lease,
  bytesMax: limits.smallDocumentBytesMax,
}

export function signLease(lease: Lease, signer: Signer): string {
  return signJws(leaseKind.typ, lease, signer)
}

/** How long a lease of each strictness lasts, in seconds; a strict one allows for no outage (A2). */
export function lifeOfLease(strictness: 'standard' | 'strict'): {
  readonly life: number
  readonly outage: number
} {
  const { leaseSeconds, leaseOutageSeconds, strictLeaseSeconds } = limits
  return strictness === 'strict'
    ? { life: strictLeaseSeconds, outage: strictLeaseSeconds }
    : { life: leaseSeconds, outage: leaseOutageSeconds }
}

/** Nobody can be given more than the protocol knows, and nothing that begins in the future (A2, A3). */
export function faultOfLease(lease: Lease, nowSeconds: number): Refused | undefined {
  const { iat, renew, until, outage_until: outageUntil } = lease
  if (iat > nowSeconds + limits.clockBehindSeconds) return refuse('schema', 'iat')
  if (renew < iat || until < renew || until - iat > limits.leaseSeconds) return refuse('schema', 'until')
  const tooLong = outageUntil < until || outageUntil - iat > limits.leaseOutageSeconds
  return tooLong ? refuse('schema', 'outage_until') : undefined
}
