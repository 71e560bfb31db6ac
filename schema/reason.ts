import type { RefusalCode } from './refusal.ts'

// The closed list of reasons why something has not reached a peer. Exchanges, the operator's log, explanations and the
// tests use these words and no others. What is narrower stands beside it, as a code or a detail.

export const reasons = [
  'dns',
  'address-not-public',
  'connect',
  'tls',
  'timeout-connect',
  'timeout-answer',
  'http-status',
  'bad-answer',
  'signature',
  'clock-skew',
  'rate-limited',
  'breaker-open',
  'policy-hold',
  'quarantine',
  'gap',
  'fork',
  'lease-expired',
  'purge-running',
  'storage-full',
  'draining',
  'version',
  'refused',
] as const

export type Reason = (typeof reasons)[number]

const classes: Partial<Record<RefusalCode, Reason>> = {
  'signature-missing': 'signature',
  'signature-profile': 'signature',
  'signature-invalid': 'signature',
  'key-unknown': 'signature',
  'key-retired': 'signature',
  'wrong-destination': 'signature',
  'digest-mismatch': 'signature',
  replay: 'signature',
  'clock-skew': 'clock-skew',
  rate: 'rate-limited',
  busy: 'rate-limited',
  'too-many-pending': 'rate-limited',
  'request-timeout': 'timeout-answer',
  internal: 'http-status',
  'storage-unavailable': 'http-status',
  'recovery-mode': 'policy-hold',
  'key-conflict': 'policy-hold',
  'peer-retired': 'policy-hold',
  stranger: 'policy-hold',
  'approval-pending': 'policy-hold',
  'partner-blocked': 'policy-hold',
  'partner-paused': 'policy-hold',
  'policy-forbids': 'policy-hold',
  'space-held': 'policy-hold',
  'space-frozen': 'quarantine',
  'space-purged': 'purge-running',
  gap: 'gap',
  'group-behind': 'gap',
  fork: 'fork',
  'host-silent': 'lease-expired',
  version: 'version',
  'features-missing': 'version',
}

const isReason = (word: string): word is Reason => reasons.some((reason) => reason === word)

/**
 * The class of a refusal. `refused` when it is about what was asked and not about a state that keeps anything from
 * arriving, and for codes that this version does not know. Where the detail is a word of the list, it says more than the
 * code: a node that is purging answers `busy`, `purge-running`.
 */
export function reasonOf(code: string, detail?: string): Reason {
  if (detail !== undefined && isReason(detail)) return detail
  return (Object.hasOwn(classes, code) ? classes[code as RefusalCode] : undefined) ?? 'refused'
}
