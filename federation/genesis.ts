import type { SpaceCreate } from '#schema/event/space-create.ts'
import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import type { Proof } from '#schema/wire/event.ts'
import type { Genesis } from '#schema/wire/invite.ts'
import type { Checkpoint } from '#schema/wire/log.ts'
import { type Entry, noHash, readEntry } from './chain.ts'
import { type Event, readEvent } from './event.ts'
import { fold, judge } from './judge.ts'
import { accept, type Outcome, refuse } from './outcome.ts'
import { digestState, type SpaceState } from './state.ts'

/** A space's beginning as it was checked: what anybody may rely on who has nothing else of the space. */
export type Beginning = {
  readonly event: Event
  readonly entry: Entry
  readonly content: SpaceCreate
  /** After seq 1. */
  readonly state: SpaceState
}

/**
 * The proof beside a genesis, as far as it was verified with the key that it names. `unchecked`: nobody can look that key
 * up, or nobody is to be asked for it; then the log, or what is left of it, is the host's word alone.
 */
export type GenesisProof = { readonly kid: Hash; readonly payload: Proof } | 'unchecked' | undefined

type Claimed = { readonly space: SpaceId; readonly host: NodeId; readonly proof: GenesisProof }

/**
 * Does this genesis begin the space of this id at this host (SPEC V3)? What is shown of it as kind, host and features
 * is read from it and from nothing else. `checkpoint` is the verified payload of the one beside it: with it the host
 * has signed that the log begins so.
 */
export function readBeginning(
  genesis: Genesis,
  checkpoint: Checkpoint,
  { space, host, proof }: Claimed,
): Outcome<Beginning> {
  const read = readEvent(genesis.event)
  if (!read.ok) return read
  const event = read.value
  const { header, hash } = event
  if (header.type !== 'space.create' || (`s_${hash}` as SpaceId) !== space) return refuse('schema', 'genesis')
  if (header.host !== host) return refuse('not-host', 'genesis')
  const entry = readEntry(genesis.entry)
  if (!entry.ok) return entry
  const { seq, epoch, prev, event: placed, space: of } = entry.value.body
  if (seq !== 1 || epoch !== 1 || prev !== noHash || placed !== hash || of !== space) {
    return refuse('schema', 'entry')
  }
  if (!isProved(event, entry.value.body.kid, { space, host, proof }))
    return refuse('signature-invalid', 'proof')
  const code = judge(undefined, () => 'attested', event)
  if (code) return refuse(code, 'genesis')
  const state = fold(undefined, { event, entry: entry.value })
  const isCovered =
    checkpoint.iss === host &&
    checkpoint.space === space &&
    checkpoint.epoch === 1 &&
    checkpoint.seq === 1 &&
    checkpoint.hash === entry.value.hash &&
    checkpoint.state === digestState(state)
  if (!isCovered) return refuse('schema', 'checkpoint')
  return accept({ event, entry: entry.value, content: event.content as SpaceCreate, state })
}

/** Was it written by whom it says (E11)? The host's own users need no proof: its checkpoint is its word. */
function isProved({ hash, header }: Event, kid: Hash | null, { space, host, proof }: Claimed): boolean {
  if (header.origin === host) return kid === null
  if (proof === undefined || kid === null) return false
  if (proof === 'unchecked') return true
  const { iss, space: of, host: at, events } = proof.payload
  return proof.kid === kid && iss === header.origin && of === space && at === host && events.includes(hash)
}
