import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Checkpoint } from '#schema/wire/log.ts'
import { sha256 } from './base64url.ts'
import { type Entry, follows, readEntry } from './chain.ts'
import { accept, type Outcome, refuse } from './outcome.ts'

// When two checkpoints of one host cannot both be true, they convict it, whoever shows them: nobody else could have
// signed them. Signatures are the caller's matter. Rules O1 to O3 of SPEC.md.

/** What a host is convicted of. */
export type Conviction = {
  readonly host: NodeId
  readonly space: SpaceId
  readonly epoch: number
  /** Where the two histories are seen to differ. */
  readonly seq: number
}

/**
 * Do these checkpoints contradict each other? Two over one seq do by their hashes or states; over different ones, when
 * the entries after the earlier lead to the later and do not follow the earlier. Refuses with `no-conflict`.
 */
export function convict(a: Checkpoint, b: Checkpoint, texts: readonly string[] = []): Outcome<Conviction> {
  if (a.iss !== b.iss || a.space !== b.space || a.epoch !== b.epoch) return refuse('no-conflict', 'about')
  const [low, high] = a.seq <= b.seq ? [a, b] : [b, a]
  const conviction = { host: a.iss, space: a.space, epoch: a.epoch, seq: low.seq }
  if (low.seq === high.seq) {
    const differs = low.hash !== high.hash || low.state !== high.state
    return differs ? accept(conviction) : refuse('no-conflict', 'same')
  }
  if (texts.length !== high.seq - low.seq) return refuse('no-conflict', 'range')
  const entries = readChain(low, texts)
  if (!entries.ok) return entries
  if (entries.value.at(-1)!.hash !== high.hash) return refuse('no-conflict', 'chain')
  return entries.value[0]!.body.prev === low.hash ? refuse('no-conflict', 'same') : accept(conviction)
}

/** Entries of the space that follow one another, the first of them directly behind `low` by its number. */
function readChain(low: Checkpoint, texts: readonly string[]): Outcome<readonly Entry[]> {
  const entries: Entry[] = []
  for (const [i, text] of texts.entries()) {
    const read = readEntry(text)
    if (!read.ok) return read
    const { body } = read.value
    const before = entries[i - 1]
    if (body.space !== low.space || body.epoch !== low.epoch || body.seq !== low.seq + 1 + i)
      return refuse('no-conflict', 'entry')
    if (before && !follows({ ...before.body, hash: before.hash }, read.value))
      return refuse('no-conflict', 'chain')
    entries.push(read.value)
  }
  return accept(entries)
}

/** Names evidence by the signing inputs of its checkpoints, in whichever order they come (O3). */
export function hashEvidence(a: Hash, b: Hash): Hash {
  const [first, second] = a < b ? [a, b] : [b, a]
  return sha256(`parley-evidence/1\n${first}\n${second}`)
}

/** Are the entries between these two few enough to be shown in one piece of evidence? */
export function isShowable(a: { readonly seq: number }, b: { readonly seq: number }): boolean {
  return Math.abs(a.seq - b.seq) <= limits.evidenceEntriesMax
}
