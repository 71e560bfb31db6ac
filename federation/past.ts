import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import type { Checkpoint } from '#schema/wire/log.ts'
import type { Head } from './chain.ts'
import { followsOn } from './epochs.ts'
import { faultOfHeader, hashHeader, isExpired, readContent, readHeaderForm } from './event.ts'
import { accept, type Outcome, refuse } from './outcome.ts'
import type { Evidence, Incoming, Judged, Standing } from './replica.ts'

// Entries from before our copy's base, when somebody here may see more than we hold (SPEC H6, H7). They are trusted as
// far as the base is: they have to lead to it. Who wrote what is checked as ever; whether they might is the host's
// word, because we do not know the state there (A24).

/** Our copy, as far down as it goes. `genesis` is the entry hash of seq 1, which we have from the snapshot. */
export type Copy = {
  readonly space: SpaceId
  readonly host: NodeId
  readonly base: Head
  readonly genesis: Hash
}

/** An entry of the past. What the state was after it is not known here. */
export type PastEntry = Omit<Judged, 'digest'>

type PastEvidence = Pick<Evidence, 'proves' | 'isDisputed'>

/** `fork`: the host has signed a checkpoint over other entries than those that our base follows. */
export function judgePast(
  copy: Copy,
  { entries, checkpoint }: { readonly entries: readonly Incoming[]; readonly checkpoint: Checkpoint },
  evidence: PastEvidence,
): Outcome<readonly PastEntry[]> {
  const { space, host, base, genesis } = copy
  const last = entries.at(-1)?.entry
  if (!last || last.body.seq !== base.seq) return refuse('schema', 'range')
  if (checkpoint.iss !== host || checkpoint.space !== space) return refuse('not-host', 'checkpoint')
  if (checkpoint.seq !== base.seq || checkpoint.hash !== last.hash) return refuse('schema', 'checkpoint')
  for (const [i, { entry }] of entries.entries()) {
    const next = entries[i + 1]
    if (entry.body.space !== space) return refuse('schema', 'entry')
    if (next && !followsOn({ ...entry.body, hash: entry.hash }, next)) return refuse('schema', 'chain')
  }
  if (last.hash !== base.hash) return refuse('fork', 'base')
  const first = entries[0]!.entry
  if (first.body.seq === 1 && first.hash !== genesis) return refuse('fork', 'genesis')
  const judged: PastEntry[] = []
  for (const incoming of entries) {
    const one = judgeOne(copy, incoming, evidence)
    if (!one.ok) return one
    judged.push(one.value)
  }
  return accept(judged)
}

function judgeOne(
  { space, host }: Copy,
  { entry, wire }: Incoming,
  evidence: PastEvidence,
): Outcome<PastEntry> {
  const hash = hashHeader(wire.header)
  if (hash !== entry.body.event) return refuse('content-mismatch', 'event')
  const form = readHeaderForm(wire.header)
  if (!form.ok) return form
  const header = form.value
  const content = readContent(header, wire)
  const event = { hash, header, wire, content: content.ok ? content.value : undefined }
  const isOurs = header.host === host && (header.space ?? space) === space
  const isProved =
    header.origin === host ? entry.body.kid === null : evidence.proves(hash, header.origin, entry.body.kid)
  const isSound = !faultOfHeader(header) && isOurs && isProved && !isExpired(header, entry.body.at)
  const disputed = evidence.isDisputed(header.origin, entry)
  if (isSound && content.ok) return accept({ entry, event, disputed, standing: 'verified' })
  const standing: Standing = isSound ? 'unreadable' : 'unverified'
  const tier = isSound ? 'content' : 'event'
  const code = content.ok || !isSound ? 'signature-invalid' : content.code
  return accept({ entry, event, disputed, standing, fault: { tier, code } })
}
