import { buildEntry, type Head, noHash } from '#federation/chain.ts'
import { type Event, isExpired } from '#federation/event.ts'
import { fold, judge } from '#federation/judge.ts'
import { addressedBy } from '#federation/positions.ts'
import { type Audience, standingOf } from '#federation/reach.ts'
import { isOn } from '#federation/rules/grants.ts'
import { copyState, digestState, type SpaceState } from '#federation/state.ts'
import { isStateType } from '#schema/event/types.ts'
import type { Hash, NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import type { LogPosition } from '#schema/wire/event.ts'
import type { KnownEntry } from '#server/db/entries.ts'
import type { SpaceRow } from '#server/db/spaces.ts'
import type { Clock } from '#server/ports/clock.ts'
import type { Random } from '#server/ports/random.ts'
import { aftermathOf } from './host-event.ts'
import type { Intent, Placed, Settled } from './intent.ts'

// Gives one intent its place under the locks, in memory: what is known settles as a duplicate, what a rule
// refuses settles alone, the rest gets its seq, its previous hash and its entry. `batch.ts` writes it down.

/** One space while a batch is made. Everything in it is thrown away unless the transaction commits. */
export type Place = {
  readonly id: SpaceId
  /** Undefined before a genesis. */
  readonly row: SpaceRow | undefined
  /** Shared with the cache until `copied`. */
  state: SpaceState | undefined
  copied: boolean
  head: Head
  /** The time of this batch's entries; never earlier than that of the head. */
  readonly at: number
  digest: Hash
  placed: Placed[]
  /** The intent that each placed entry is the main event of; undefined for what came along. */
  sources: (Intent | undefined)[]
}

export function openPlace(
  id: SpaceId,
  row: SpaceRow | undefined,
  known: { readonly state: SpaceState | undefined; readonly digest: Hash | undefined; readonly now: number },
): Place {
  return {
    id,
    row,
    state: known.state,
    copied: false,
    head: row
      ? { epoch: row.epoch, seq: row.headSeq, hash: row.headHash }
      : { epoch: 1, seq: 0, hash: noHash },
    at: Math.max(known.now, row?.headAt ?? 0),
    digest: known.digest ?? noHash,
    placed: [],
    sources: [],
  }
}

export type Desk = {
  readonly node: NodeId
  readonly clock: Clock
  readonly random: Random
  readonly places: ReadonlyMap<SpaceId, Place>
  /** State under the lock of every space in the batch, and of every group that their threads address. */
  readonly current: ReadonlyMap<SpaceId, SpaceState>
  readonly known: readonly KnownEntry[]
}

export function placeIntent(desk: Desk, intent: Intent): Settled {
  const place = desk.places.get(intent.space)!
  const before = findKnown(desk, place, intent)
  if (before) return before
  if (place.row?.withheld && !intent.endsRecovery) return { status: 'refused', code: 'recovery-mode' } // B2
  if (place.row?.frozen) return { status: 'refused', code: 'space-frozen' }
  const plan = intent.plan(place.state)
  if (!plan.ok) return refused(plan.code, plan.detail)
  const mark = { ...place, count: place.placed.length }
  if (plan.value.length > 1 && place.state) {
    place.state = copyState(place.state)
    place.copied = true
  }
  for (const event of plan.value) {
    const isMain = event.header.id === intent.eventId
    const code = placeEvent(desk, place, event, isMain ? intent : undefined)
    if (code === undefined) continue
    // All of an intent or nothing of it.
    place.state = mark.state
    place.copied = mark.copied
    place.head = mark.head
    place.digest = mark.digest
    place.placed.length = mark.count
    place.sources.length = mark.count
    return refused(code)
  }
  const index = place.sources.lastIndexOf(intent)
  return { status: 'accepted', placed: place.placed[index]! }
}

function refused(code: RefusalCode, detail?: string): Settled {
  return detail === undefined ? { status: 'refused', code } : { status: 'refused', code, detail }
}

/** What holds this event, or was asked for under this key, already: in the log, or earlier in this batch. */
function findKnown(desk: Desk, place: Place, intent: Intent): Settled | undefined {
  const { space, origin, eventId, idempotency, header } = intent
  for (const row of desk.known) {
    if (row.spaceId !== space) continue
    if (row.eventId === eventId && row.origin === origin) {
      if (header !== undefined && header !== row.header) return refused('event-id-conflict')
      return { status: 'duplicate', entryText: row.text, seq: row.seq, eventId }
    }
    if (idempotency && row.sender === idempotency.sender && row.idempotencyKey === idempotency.key) {
      if (row.requestHash !== idempotency.requestHash) return refused('idempotency-conflict')
      return { status: 'duplicate', entryText: row.text, seq: row.seq, eventId: row.eventId }
    }
  }
  for (const [i, other] of place.sources.entries()) {
    if (!other) continue
    const { entry, event } = place.placed[i]!
    const twin: Settled = {
      status: 'duplicate',
      entryText: entry.text,
      seq: entry.body.seq,
      eventId: event.header.id,
    }
    if (other.eventId === eventId && other.origin === origin) {
      return header !== undefined && header !== event.wire.header ? refused('event-id-conflict') : twin
    }
    const key = other.idempotency
    if (key && idempotency && key.sender === idempotency.sender && key.key === idempotency.key) {
      return key.requestHash === idempotency.requestHash ? twin : refused('idempotency-conflict')
    }
  }
  return undefined
}

/** Judges one event at the head and puts it there. Returns the refusal instead, with nothing changed. */
function placeEvent(
  desk: Desk,
  place: Place,
  event: Event,
  source: Intent | undefined,
): RefusalCode | undefined {
  if (event.header.host !== desk.node) return 'not-host'
  if (isExpired(event.header, place.at)) return 'event-expired'
  const states = (group: SpaceId): SpaceState | undefined =>
    desk.places.get(group)?.state ?? desk.current.get(group)
  // What a thread addresses are groups, and groups of its own host.
  const audience: Audience = (group, user) => {
    const state = states(group)
    return state?.kind === 'group' && state.host === desk.node ? state.members.get(user) : undefined
  }
  const code = judge(place.state, audience, event)
  if (code !== undefined) return code
  const via = place.state && place.state.groups.size > 0 ? viaOf(place.state, audience, event) : []
  const anchored = addressedBy(event)
  // What is not written in has no threads started in it either. For followers that is the host's word.
  const isGenesis = event.header.type === 'space.create'
  if (isGenesis && anchored.some((group) => isOn(states(group)!, 'replies-off'))) return 'space-frozen'
  const entry = buildEntry({
    v: 1,
    space: place.id,
    epoch: source?.epoch ?? place.head.epoch,
    seq: place.head.seq + 1,
    prev: place.head.hash,
    event: event.hash,
    at: place.at,
    kid: source?.proof?.kid ?? null,
    ...(via.length > 0 ? { via: via.map((group) => positionOf(states(group)!)) } : {}),
    ...(anchored.length > 0 ? { anchor: anchored.map((group) => positionOf(states(group)!)) } : {}),
  })
  if (isStateType(event.header.type)) {
    if (place.state && !place.copied) place.state = copyState(place.state)
    place.copied = true
    place.state = fold(place.state, { event, entry })
    place.digest = digestState(place.state)
  }
  place.head = { epoch: entry.body.epoch, seq: entry.body.seq, hash: entry.hash }
  const { digest } = place
  place.placed.push({ space: place.id, entry, event, digest, standing: 'verified', disputed: false })
  place.sources.push(source)
  const follow = place.state && aftermathOf(desk, place.state, event)
  return follow ? placeEvent(desk, place, follow, undefined) : undefined
}

function viaOf(state: SpaceState, audience: Audience, event: Event): readonly SpaceId[] {
  const { sender } = event.header
  return sender.startsWith('node@') ? [] : (standingOf(state, audience, sender as UserId)?.via ?? [])
}

/** A group's last state entry, which is what threads lean on (A17, A20). */
function positionOf(state: SpaceState): LogPosition {
  return { space: state.id, epoch: state.epoch, seq: state.stateSeq, hash: state.stateHash }
}
