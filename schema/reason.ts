// The closed list of reasons why something has not reached a peer. Exchanges, the operator's log and the
// tests use these words and no others. A refusal by the other side is `refused`, with its code as the detail.

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
