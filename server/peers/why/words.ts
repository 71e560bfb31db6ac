import type { Reason } from '#schema/reason.ts'
import { limits } from '#schema/limits.ts'

// The closed list of reasons in sentences: what is wrong, and what would change it. `who` is the other node.

type Say = (who: string, detail: string | null) => string

const holds: Readonly<Record<string, Say>> = {
  paused: (who) => `An administrator of ours has paused the exchange with ${who}.`,
  blocked: (who) => `An administrator of ours has blocked ${who}.`,
  'key-conflict': (who) =>
    `${who} shows keys that do not continue those we pinned, so nothing is exchanged with it.`,
  'peer-retired': (who) => `${who} has closed for good, so nothing is sent to it any more.`,
  'recovery-mode': () =>
    'This node was put back from a backup and asks its partners what came after it before it says anything.',
  'approval-pending': (who) => `An administrator of ${who} has not approved us yet.`,
  stranger: (who) => `${who} does not know us as a partner.`,
  'partner-paused': (who) => `An administrator of ${who} has paused the exchange with us.`,
  'partner-blocked': (who) => `An administrator of ${who} has blocked us.`,
}

const leases: Readonly<Record<string, Say>> = {
  'fences-missing': (who) => `${who} has sent orders to end access that we lack, so nothing of it is shown.`,
  outage: (who) =>
    `${who} has not been heard of since its lease ran out. What it hosts can be read and not written in.`,
  archive: (who) => `${who} has been silent for a month. What it hosts is an archive.`,
}

const purges: Readonly<Record<string, Say>> = {
  unconfirmed: (who) => `${who} has been told to delete its copy and has not confirmed that.`,
  here: () => 'Our copy is being deleted, as its host has ordered.',
}

const causes: Readonly<Record<Reason, Say>> = {
  dns: (who) => `The name of ${who} cannot be resolved.`,
  'address-not-public': (who) => `The name of ${who} leads to an address that is not public.`,
  connect: (who) => `${who} refuses the connection, or it broke before the answer was complete.`,
  tls: (who) => `The certificate or the TLS of ${who} is not accepted.`,
  'timeout-connect': (who) =>
    `No connection to ${who} came about within ${limits.connectTimeoutMs / 1000} seconds.`,
  'timeout-answer': (who) => `${who} took the request and did not answer in time.`,
  'http-status': (who) => `Something at the address of ${who} answers with an error.`,
  'bad-answer': (who) => `What came back from ${who} is no answer of a Parley node.`,
  signature: (who) => `A signature or a key was not accepted between us and ${who}.`,
  'clock-skew': (who) => `The clocks of ${who} and of this node differ too much.`,
  'rate-limited': (who) => `${who} has asked to be sent less, or has too much to do.`,
  'breaker-open': (who) =>
    `${who} has not answered several times in a row, so it is only asked now and then.`,
  'policy-hold': (who, detail) => holds[detail ?? '']?.(who, detail) ?? sayOtherHold(who, detail),
  quarantine: (who) =>
    `The log is frozen, here or at ${who}, because something in it is not as the rules allow.`,
  gap: (who, detail) =>
    detail === 'fetches-by-itself'
      ? `${who} lacks so much that it fetches it by itself, at its own pace.`
      : `${who} lacks entries before these.`,
  fork: (who) => `Two histories of the same log were seen between us and ${who}, so it is frozen.`,
  'lease-expired': (who, detail) =>
    leases[detail ?? '']?.(who, detail) ?? `The lease of ${who} has run out, so nothing of it is shown.`,
  'purge-running': (who, detail) =>
    purges[detail ?? '']?.(who, detail) ?? `${who} is deleting its copy, or has deleted it.`,
  'storage-full': (who) => `${who} has no room left on its disk.`,
  draining: () => 'The node was being stopped while the request was under way.',
  version: (who) => `${who} speaks other versions of the protocol than we do.`,
  refused: (who) => `${who} has refused it.`,
}

const approvalOf = 'approval of '

function sayOtherHold(who: string, detail: string | null): string {
  return detail?.startsWith(approvalOf)
    ? `An administrator of ours has to decide about ${detail.slice(approvalOf.length)} first.`
    : `A decision of an administrator, here or at ${who}, stands in the way.`
}

const helps: Readonly<Record<Reason, Say>> = {
  dns: (who) =>
    `Ask its operator whether the domain still exists, and look it up from this machine: getent hosts ${who}.`,
  'address-not-public': () => 'Its DNS has to name public addresses only. Its operator can change that.',
  connect: (who) => `Is its server up? From this machine: curl -v https://${who}/.well-known/parley`,
  tls: (who) =>
    `Its operator has to renew or mend the certificate. From this machine: curl -v https://${who}/`,
  'timeout-connect': () =>
    'A firewall on the way may drop packets, here or there. Try from another machine as well.',
  'timeout-answer': () => 'Its server is overloaded or stuck. Nothing is lost; its operator has to look.',
  'http-status': () =>
    'It is usually its reverse proxy while the node behind it is down. Its operator has to look.',
  'bad-answer': (who) => `A proxy may change what passes. Try: npx --no parley selftest federation ${who}`,
  signature: (who) =>
    `A proxy may rewrite path or host, or keys have changed. Try: npx --no parley selftest federation ${who}`,
  'clock-skew': () =>
    'Set both clocks by NTP. If all partners are off by the same, it is the clock of this machine.',
  'rate-limited': () =>
    'Nothing has to be done. If it goes on for hours, ask its operator for a higher limit.',
  'breaker-open': () =>
    'It is tried at once when it says anything to us. Otherwise mend what the last attempt failed for.',
  'policy-hold': (who, detail) => helpForHold(who, detail),
  quarantine: () => 'Look at the security events of the space. Going on needs a new space.',
  gap: () => 'Nothing has to be done: what is missing is fetched first.',
  fork: () =>
    'Look at the security events, and talk to the operator of the host: a restored backup is the usual cause.',
  'lease-expired': (who) => `It opens by itself as soon as ${who} is heard of again.`,
  'purge-running': () =>
    'It goes on by itself when the deletion is confirmed, or a day after it was ordered.',
  'storage-full': () => 'Its operator has to make room.',
  draining: () => 'Nothing has to be done: it is sent again after the start.',
  version: () => 'One of the two has to be upgraded. What waits is kept.',
  refused: () => 'Nothing more is sent until somebody takes part again, or the code says what to change.',
}

function helpForHold(who: string, detail: string | null): string {
  if (detail === 'paused') return `Resume ${who} on the page Partners; what has waited is sent.`
  if (detail === 'blocked') return `Unblock ${who} on the page Partners.`
  if (detail === 'key-conflict')
    return `Call the administrator of ${who}, compare the fingerprint, and pin the new keys on its page.`
  if (detail === 'peer-retired') return 'Nothing will. What it hosted stays here as an archive.'
  if (detail === 'recovery-mode')
    return 'It ends by itself when all partners have answered: npx --no parley recovery'
  if (detail?.startsWith(approvalOf)) return 'Decide on the page Approvals.'
  return `An administrator of ${who} has to decide. Call them.`
}

/** What is wrong, with the exact words that the federation log has for it. */
export function sayReason(reason: Reason, detail: string | null, who: string): string {
  const word = detail === null || detail === reason ? reason : `${reason}: ${detail}`
  return `${causes[reason](who, detail).slice(0, -1)} (${word}).`
}

/** What would change it. */
export function sayHelp(reason: Reason, detail: string | null, who: string): string {
  return helps[reason](who, detail)
}

/** A moment, in UTC. */
export function sayTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** `1 entry`, `3 entries`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`
}
