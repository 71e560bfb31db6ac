import type { MemberJoin } from '#schema/event/member-join.ts'
import { isStateType } from '#schema/event/types.ts'
import type { EventId, Hash, InviteId, NodeId, SpaceId } from '#schema/ids.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import type { Header, WireEvent } from '#schema/wire/event.ts'
import type { InviteResponse } from '#schema/wire/invite.ts'
import type { Checkpoint } from '#schema/wire/log.ts'
import type { Entry, Head } from './chain.ts'
import { followsOn, isTurnSound, readLateTurn, readTurn, type Turn } from './epochs.ts'
import { type Event, faultOfHeader, hashHeader, isExpired, readContent, readHeaderForm } from './event.ts'
import { isConsent } from './invite.ts'
import { fold, judge } from './judge.ts'
import { arePositionsSound, type Named } from './positions.ts'
import type { Audience } from './reach.ts'
import { copyState, digestState, type SpaceState } from './state.ts'

// What a follower makes of a batch of somebody else's log. No I/O and no clock: the caller brings the signatures
// already verified and carries out the verdict. Three tiers: a broken chain stops the batch, a bad event stays in
// the chain unseen, a bad content leaves a placeholder. Rules R1 to R10 of SPEC.md.

/** Our copy of a space before the batch. `state` is undefined while the log is empty. */
export type Replica = {
  readonly space: SpaceId
  readonly host: NodeId
  readonly head: Head
  readonly state: SpaceState | undefined
}

export type Incoming = { readonly entry: Entry; readonly wire: WireEvent }

/** What was verified and looked up about a batch before it is judged. "Before" means: up to the replica's head. */
export type Evidence = {
  /** Does a verified proof of this node, made with this key, list the event? */
  proves(event: Hash, origin: NodeId, kid: Hash | null): boolean
  /** May this entry of the node be somebody else's, who had its key (K18)? */
  isDisputed(origin: NodeId, entry: Entry): boolean
  /** Was its key one of operations that a recovery cut off, so that nobody can verify it any more (K19)? */
  wasCutOff(origin: NodeId, entry: Entry): boolean
  /** The payload of a response whose signature was verified; undefined when it was not. */
  response(jws: string): InviteResponse | undefined
  /** The hash that we hold at a position that the batch repeats. */
  knownHash(seq: number): Hash | undefined
  /** What the sender of this entry is in a group, as far as we hold it (T8). */
  audience(entry: Entry): Audience
  /** Does an entry before have this event (E10)? */
  isPlaced(origin: NodeId, id: EventId): boolean
  /** Does an entry before open an invitation of this id (E24)? */
  isUsed(jti: InviteId): boolean
  /** The last position in this group that an entry before names as `via` or `anchor` (L9). */
  lastNamed(group: SpaceId): Named
}

export type Standing = 'verified' | 'unverified' | 'unreadable'

export type Judged = {
  readonly entry: Entry
  readonly event: Event
  readonly standing: Standing
  readonly disputed: boolean
  readonly digest: Hash
  /** Why it is not `verified`. */
  readonly fault?: Fault
}

type Fault = { readonly tier: 'event' | 'content'; readonly code: RefusalCode }

export type Verdict =
  | {
      readonly do: 'apply'
      readonly judged: readonly Judged[]
      readonly state: SpaceState
      readonly head: Head
    }
  /** Nothing new; the receipt says so. */
  | { readonly do: 'ignore' }
  /** Entries are missing before these, which may be of another epoch than our head. */
  | { readonly do: 'fetch'; readonly turn: Turn | undefined }
  /** It contradicts what we hold, and the checkpoint is validly signed: evidence. */
  | { readonly do: 'fork' }
  /** It goes on in another epoch, from another branch than ours: somebody here has to say whether we follow (R16). */
  | { readonly do: 'turn'; readonly turn: Turn }
  /** Not applied, and no evidence against anybody. */
  | { readonly do: 'refuse'; readonly code: RefusalCode; readonly detail: string }
  /** The chain is whole, and what it says cannot be: the space stops here until somebody looks. */
  | { readonly do: 'freeze'; readonly code: RefusalCode; readonly detail: string; readonly seq: number }

/** `checkpoint` is the verified payload of the host's; its seq is that of the last entry. */
export function receive(
  replica: Replica,
  batch: { readonly entries: readonly Incoming[]; readonly checkpoint: Checkpoint },
  evidence: Evidence,
): Verdict {
  const { entries, checkpoint } = batch
  const last = entries.at(-1)?.entry
  if (!last) return { do: 'refuse', code: 'schema', detail: 'empty' }
  const { iss, space, seq, hash, epoch } = checkpoint
  if (iss !== replica.host) return { do: 'refuse', code: 'not-host', detail: 'checkpoint' } // R1
  if (space !== replica.space || seq !== last.body.seq || hash !== last.hash || epoch !== last.body.epoch) {
    return { do: 'refuse', code: 'schema', detail: 'checkpoint' } // R2
  }
  return readChain(replica, entries, evidence) ?? judgeAll(replica, batch, evidence)
}

/** The chain tier. Undefined: what we have is the same, and what is new follows our head without a gap. */
function readChain(
  { space, head }: Replica,
  entries: readonly Incoming[],
  evidence: Evidence,
): Verdict | undefined {
  // First the batch alone. Only when it leads to the checkpoint without a break is it the host's word, and so
  // evidence when it contradicts us; a break on the way is a broken batch and nothing more.
  let before: Head | undefined
  let turn: Turn | undefined
  const late = readLateTurn(head, entries[0]!.entry)
  for (const incoming of entries) {
    const { body, hash } = incoming.entry
    if (body.space !== space) return { do: 'refuse', code: 'schema', detail: 'entry-space' } // R3
    if (body.epoch > (before?.epoch ?? head.epoch)) {
      turn = readTurn(incoming) ?? (before ? undefined : late)
      if (!turn) return { do: 'refuse', code: 'schema', detail: 'epoch' } // R3
    }
    if (before && !followsOn(before, incoming)) return { do: 'refuse', code: 'schema', detail: 'chain' } // R3
    before = { epoch: body.epoch, seq: body.seq, hash }
  }
  const isSame = ({ entry: { body, hash } }: Incoming): boolean => {
    // Also before our copy begins nothing that we have is of a later epoch than our head.
    if (body.epoch > head.epoch) return false
    const known = body.seq === head.seq ? head.hash : evidence.knownHash(body.seq)
    return known === undefined || known === hash
  }
  const repeated = entries.filter(({ entry }) => entry.body.seq <= head.seq)
  const first = entries[repeated.length]
  const isOld = before!.epoch < head.epoch
  // What was said in an epoch that is over contradicts nothing, and adds nothing.
  if (isOld && (first || !repeated.every(isSame))) return { do: 'refuse', code: 'schema', detail: 'epoch' } // R3
  if (turn && turn === late) return { do: 'fetch', turn }
  const other: Verdict = turn && turn.epoch > head.epoch ? { do: 'turn', turn } : { do: 'fork' } // R4, R16
  if (!repeated.every(isSame)) return other
  if (!first) return { do: 'ignore' }
  if (first.entry.body.seq > head.seq + 1) return { do: 'fetch', turn } // R5
  if (followsOn(head, first)) return undefined
  // It stands behind our head and says that it stands elsewhere.
  return first.entry.body.prev === head.hash ? { do: 'refuse', code: 'schema', detail: 'chain' } : other
}

/** What has to be remembered from one entry of the batch to the next. */
type Progress = {
  state: SpaceState | undefined
  digest: Hash | undefined
  readonly events: Set<string>
  readonly invites: Set<InviteId>
  readonly named: Map<SpaceId, Named>
}

function judgeAll(
  replica: Replica,
  batch: { readonly entries: readonly Incoming[]; readonly checkpoint: Checkpoint },
  evidence: Evidence,
): Verdict {
  const state = replica.state && copyState(replica.state)
  const digest = state && digestState(state)
  const progress: Progress = { state, digest, events: new Set(), invites: new Set(), named: new Map() }
  const judged: Judged[] = []
  for (const incoming of batch.entries) {
    if (incoming.entry.body.seq <= replica.head.seq) continue
    const verdict = judgeOne(replica, incoming, { evidence, progress })
    if ('do' in verdict) return verdict
    judged.push(verdict)
  }
  const last = judged.at(-1)!
  const { epoch, seq } = last.entry.body
  if (batch.checkpoint.state !== last.digest)
    return { do: 'freeze', code: 'fork', detail: 'state-digest', seq } // R9
  return { do: 'apply', judged, state: progress.state!, head: { epoch, seq, hash: last.entry.hash } }
}

type Desk = { readonly evidence: Evidence; readonly progress: Progress }

/** Judges one entry and remembers it; or the verdict that ends the batch. */
function judgeOne(replica: Replica, { entry, wire }: Incoming, desk: Desk): Judged | Verdict {
  const { progress } = desk
  const { seq } = entry.body
  const freeze = (code: RefusalCode, detail: string): Verdict => ({ do: 'freeze', code, detail, seq })
  const hash = hashHeader(wire.header)
  // The entry is the host's word; what lies beside it here is not what it was written for.
  if (hash !== entry.body.event) return { do: 'refuse', code: 'content-mismatch', detail: 'event' } // R6
  const form = readHeaderForm(wire.header)
  // The host wrote down what nobody can read, so nobody knows whether it changed who belongs here.
  if (!form.ok) return freeze(form.code, 'header') // R10
  const header = form.value
  const isGenesis = header.type === 'space.create'
  if (seq === 1 && (!isGenesis || `s_${hash}` !== replica.space)) {
    return { do: 'refuse', code: 'schema', detail: 'genesis' } // R6
  }
  // Somebody's old words, or an old leaving, written down once more: the proof would hold, and only the host can do it.
  if (isPlaced(header, desk)) return freeze('event-id-conflict', 'event-twice') // R10
  const content = readContent(header, wire)
  const event: Event = { hash, header, wire, content: content.ok ? content.value : undefined }
  const isState = isStateType(header.type)
  const contentFault: Fault | undefined = content.ok ? undefined : { tier: 'content', code: content.code }
  const fault =
    isState && contentFault ? contentFault : (faultOf(replica, { event, entry }, desk) ?? contentFault)
  if (fault && isState) return freeze(fault.code, fault.tier) // R7
  remember(event, entry, { ...desk, isSound: fault?.tier !== 'event' })
  if (isState) {
    progress.state = fold(progress.state, { event, entry })
    progress.digest = digestState(progress.state)
  }
  const digest = progress.digest!
  const disputed = desk.evidence.isDisputed(header.origin, entry)
  if (!fault) return { entry, event, digest, disputed, standing: 'verified' }
  const standing = fault.tier === 'event' ? 'unverified' : 'unreadable'
  return { entry, event, digest, disputed, standing, fault } // R8
}

function isPlaced({ origin, id }: Header, { evidence, progress }: Desk): boolean {
  return progress.events.has(`${origin} ${id}`) || evidence.isPlaced(origin, id)
}

function remember(event: Event, entry: Entry, desk: Desk & { readonly isSound: boolean }): void {
  const { events, invites, named } = desk.progress
  const { origin, id, type } = event.header
  events.add(`${origin} ${id}`)
  if (type === 'member.invite') invites.add((event.content as { jti: InviteId }).jti)
  if (!desk.isSound) return
  for (const position of [...(entry.body.via ?? []), ...(entry.body.anchor ?? [])])
    named.set(position.space, position)
}

/** The event tier: written by whom it says, for this place, and allowed here by our own state. */
function faultOf(
  replica: Replica,
  step: { readonly event: Event; readonly entry: Entry },
  { evidence, progress }: Desk,
): Fault | undefined {
  const { event, entry } = step
  const { header } = event
  const { state } = progress
  const fault = (code: RefusalCode): Fault => ({ tier: 'event', code })
  const disagrees = faultOfHeader(header)
  if (disagrees) return fault(disagrees.code) // E4, E5, E6
  if (header.host !== replica.host) return fault('not-host') // E5
  if (isExpired(header, entry.body.at)) return fault('event-expired') // E6
  const isOfHost = header.origin === replica.host
  const isProved = isOfHost
    ? entry.body.kid === null
    : evidence.proves(event.hash, header.origin, entry.body.kid) ||
      (isStateType(header.type) && evidence.wasCutOff(header.origin, entry)) // K19
  if (!isProved) return fault('signature-invalid') // E11
  const lastNamed = (group: SpaceId): Named => progress.named.get(group) ?? evidence.lastNamed(group)
  if (!arePositionsSound(state, step, lastNamed)) return fault('schema') // L7, L8, L9
  if (state && !isTurnSound(state.epoch, step)) return fault('schema') // L14
  const code = judge(state, evidence.audience(entry), event)
  if (code) return fault(code)
  if (!hasConsent(event, evidence) || !isFreshInvite(event, { evidence, progress }))
    return fault('invite-unknown')
  return undefined
}

/** A user of another node is a member only when that node said so (E26). */
function hasConsent({ header: { type, space, host }, content }: Event, evidence: Evidence): boolean {
  if (type !== 'member.join') return true
  const { user, invite, response } = content as MemberJoin
  // Without either it is a colleague of the host's, by the rule of the type.
  if (invite === undefined || response === undefined) return true
  const said = evidence.response(response)
  return said !== undefined && isConsent(said, { host, space: space!, jti: invite, user })
}

/** An id that comes back would let a host use an old answer twice (E24). */
function isFreshInvite({ header: { type }, content }: Event, { evidence, progress }: Desk): boolean {
  if (type !== 'member.invite') return true
  const { jti } = content as { jti: InviteId }
  return !progress.invites.has(jti) && !evidence.isUsed(jti)
}
