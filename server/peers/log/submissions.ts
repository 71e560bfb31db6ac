import { type Event, readEvent } from '#federation/event.ts'
import { proofKind } from '#federation/log-documents.ts'
import { accept, type Outcome, type Refused, refuse } from '#federation/outcome.ts'
import { addressedBy } from '#federation/positions.ts'
import { hashOfJws } from '#federation/strict-jws.ts'
import { isStateType } from '#schema/event/types.ts'
import type { EventId, Hash, NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { type RefusalCode, refusals } from '#schema/refusal.ts'
import type { WireEvent } from '#schema/wire/event.ts'
import type { SubmitAnswer, SubmitRequest, SubmitResult } from '#schema/wire/submit.ts'
import type { Context } from '#server/context.ts'
import { findKnown, findStateDigest } from '#server/db/entries.ts'
import { hasMember } from '#server/db/participation.ts'
import type { PeerRow } from '#server/db/peers.ts'
import { findSpace } from '#server/db/spaces.ts'
import type { Intent, Settled } from '#server/log/intent.ts'
import { Buckets } from '#server/ports/buckets.ts'
import { Refusal } from '#server/refusal.ts'
import { takeEvents } from '../exchange/budgets.ts'
import { perNode } from '../per-node.ts'
import { checkpointOf } from './checkpoints.ts'
import { readSigned } from '../exchange/signed.ts'
import { faultOfStart, isGenesisOf } from './started-elsewhere.ts'

// The host's end of a submission (§8.1 in the order of A1). What is known already is answered `duplicate` before
// anything that would refuse it today is asked, so that a lost answer followed by a removal never tells an author
// "refused" of a message that everybody has. A submission for a space that is not there yet may begin with its genesis (A15).

const retrySeconds = 2
const eventsOfUsers = perNode(() => new Buckets<string>(limits.sourcesRememberedMax))

type Proof = {
  readonly kid: Hash
  readonly hash: Hash
  readonly jws: string
  readonly events: ReadonlySet<Hash>
}

export async function receiveSubmission(
  context: Context,
  peer: PeerRow,
  space: SpaceId,
  request: SubmitRequest,
): Promise<SubmitAnswer> {
  const origin = peer.node
  takeEvents(context, peer, request.events.length)
  // Before the space is looked for: what is said of a bad event must not tell that the space is there.
  const read = request.events.map(readSubmitted)
  const row = await findSpace(context.db, space)
  const genesis = row === undefined ? genesisIn(read, { space, origin }) : undefined
  const takesPart =
    genesis !== undefined || (row !== undefined && (await hasMember(context.db, space, origin)))
  const known = row === undefined ? new Set<EventId>() : await findKnownIds(context, origin, space, read)
  if (!takesPart && known.size === 0) throw new Refusal('not-participating')
  if (row && row.host !== context.node) throw new Refusal('not-host')
  const proof = await readProof(context, origin, space, request.proof)
  const unvouched = await findUnvouched(context, read)
  const { fitting, waitMs } = fitUsers(context, read, known)
  const start = genesis && proof.ok && fitting > 0 ? await faultOfStart(context, genesis) : undefined
  const expected = { origin, space, host: context.node, takesPart, proof, unvouched, start }
  const settled = await Promise.all(
    read.slice(0, fitting).map(async ({ id, event }): Promise<Settled> => {
      const checked = check(event, { ...expected, isKnown: known.has(id) })
      if (!checked.ok) return { status: 'refused', code: checked.code, ...detailOf(checked) }
      return await context.log.append(intentOf(checked.value, space, proof)).catch((error: unknown) => {
        if (error instanceof Refusal) return { status: 'refused', code: error.code }
        throw error
      })
    }),
  )
  const answer = await answerOf(context, space, read, settled)
  const after = Math.max(retrySeconds, Math.ceil(waitMs / 1000))
  const later = read.slice(fitting).map(({ id }) => ({ status: 'retry', id, after }) as const)
  return { ...answer, results: [...answer.results, ...later] }
}

/**
 * How many of the events their senders may write now (Q6). Behind the first that has to wait all wait, so that
 * nothing overtakes it (A14); what is known already costs nothing.
 */
function fitUsers(
  context: Context,
  events: readonly Submitted[],
  known: ReadonlySet<EventId>,
): { readonly fitting: number; readonly waitMs: number } {
  const rate = context.config.eventsPerUser
  const now = context.clock.mono()
  for (const [fitting, { id, event }] of events.entries()) {
    if (!event.ok || known.has(id)) continue
    const waitMs = eventsOfUsers(context).take(event.value.header.sender, rate, { now })
    if (waitMs > 0) return { fitting, waitMs }
  }
  return { fitting: events.length, waitMs: 0 }
}

/** The genesis that a submission for an unknown space begins with, when it is one by a user of the caller. */
function genesisIn(
  [first]: readonly Submitted[],
  { space, origin }: { readonly space: SpaceId; readonly origin: NodeId },
): Event | undefined {
  if (!first?.event.ok) return undefined
  const event = first.event.value
  return isGenesisOf(space, event) && event.header.origin === origin ? event : undefined
}

type Submitted = { readonly id: EventId; readonly event: Outcome<Event> }

/** The id of an event that cannot be read is needed to answer about it; without one the submission is refused whole. */
function readSubmitted(wire: WireEvent): Submitted {
  const event = readEvent(wire)
  if (event.ok) return { id: event.value.header.id, event }
  const id = /"id":"([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"/.exec(
    wire.header,
  )?.[1]
  if (id === undefined) throw new Refusal(event.code, { detail: event.detail ?? 'event' })
  return { id: id as EventId, event }
}

async function findKnownIds(
  context: Context,
  origin: NodeId,
  space: SpaceId,
  events: readonly Submitted[],
): Promise<Set<EventId>> {
  const keys = events.map(({ id }) => ({ space, origin, id }))
  return new Set((await findKnown(context.db, keys, [])).map((row) => row.eventId))
}

async function readProof(
  context: Context,
  origin: NodeId,
  space: SpaceId,
  text: string,
): Promise<Outcome<Proof>> {
  const proof = await readSigned(context, origin, text, proofKind)
  if (!proof.ok) return proof
  const { jws, payload } = proof.value
  if (payload.space !== space || payload.host !== context.node) return refuse('signature-invalid', 'proof')
  return accept({ kid: jws.header.kid, hash: hashOfJws(jws), jws: text, events: new Set(payload.events) })
}

/** The senders whose own node no longer stands by them, or has not for a month (I12). */
async function findUnvouched(context: Context, events: readonly Submitted[]): Promise<Set<string>> {
  const senders = new Set(
    events.flatMap(({ event }) => (event.ok ? [event.value.header.sender as UserId] : [])),
  )
  const last = context.clock.now() - limits.identityGraceMs
  const unvouched = [...senders].map(async (sender) => {
    const person = await context.reads.person(sender)
    // Whom we never heard of is no member of anything here, which the rules say in their own words.
    // Whose document went with a stolen key is waited for: the next one is on its way.
    const isVouched = !person || (person.status === 'active' && (person.expiresAt ?? Infinity) > last)
    return isVouched ? [] : [sender]
  })
  return new Set((await Promise.all(unvouched)).flat())
}

type Expected = {
  readonly origin: NodeId
  readonly space: SpaceId
  readonly host: NodeId
  readonly takesPart: boolean
  /** It is in the log already: then nothing has to be proved or allowed again (A1). */
  readonly isKnown: boolean
  readonly proof: Outcome<Proof>
  readonly unvouched: ReadonlySet<string>
  /** Why the genesis that it begins with is not taken. */
  readonly start: Refused | undefined
}

function check(event: Outcome<Event>, expected: Expected): Outcome<Event> {
  if (!event.ok) return event
  const { header, hash } = event.value
  const { origin, space, host, takesPart, isKnown, proof } = expected
  if (header.origin !== origin || header.sender.startsWith('node@')) return refuse('no-right', 'sender')
  if ((header.space ?? `s_${hash}`) !== space) return refuse('schema', 'space')
  if (header.host !== host) return refuse('not-host', 'host')
  if (isKnown) return event
  if (!takesPart) return refuse('not-participating')
  if (!proof.ok) return proof
  if (!proof.value.events.has(hash)) return refuse('signature-invalid', 'proof')
  if (header.type === 'member.leave') return event
  if (expected.unvouched.has(header.sender)) return refuse('not-vouched')
  if (header.type === 'space.create') return expected.start ?? event
  // What changes the state is decided here, where our policy and our letters are (A16); leaving and
  // taking back an invitation, which needs no letter, are everybody's own.
  return isStateType(header.type) && header.type !== 'member.uninvite' ? refuse('no-right', 'state') : event
}

function intentOf(event: Event, space: SpaceId, proof: Outcome<Proof>): Intent {
  const { header, wire } = event
  return {
    space,
    origin: header.origin,
    eventId: header.id,
    header: wire.header,
    bytes: wire.header.length + header.size,
    groups: addressedBy(event),
    changesState: isStateType(header.type),
    plan: () => accept([event]),
    ...(proof.ok ? { proof: proof.value } : {}),
  }
}

function detailOf(refused: { readonly detail?: string }): { detail?: string } {
  return refused.detail === undefined ? {} : { detail: refused.detail }
}

/** One result per event, and a checkpoint over the highest seq named: the promise that the author's node keeps (A21). */
async function answerOf(
  context: Context,
  space: SpaceId,
  events: readonly Submitted[],
  settled: readonly Settled[],
): Promise<SubmitAnswer> {
  let mustRetry = false
  const results = settled.map((result, i): SubmitResult => {
    const { id } = events[i]!
    if (mustRetry) return { status: 'retry', id, after: retrySeconds } // A14
    if (result.status === 'accepted') return { status: 'accepted', id, entry: result.placed.entry.text }
    if (result.status === 'duplicate') return { status: 'duplicate', id, entry: result.entryText }
    if (isPassing(result.code)) {
      mustRetry = true
      return { status: 'retry', id, after: retrySeconds }
    }
    return { status: 'rejected', id, problem: problemOf(result.code, result.detail) }
  })
  if (!settled.some(({ status }) => status !== 'refused')) return { results }
  // At the head, which is at or beyond whatever is named here.
  const row = (await findSpace(context.db, space))!
  const state = (await findStateDigest(context.db, space, row.headSeq))!
  const head = { epoch: row.epoch, seq: row.headSeq, hash: row.headHash }
  return { results, checkpoint: checkpointOf(context, space, head, state) }
}

/** Ours to solve, or a proof that is made anew with the key of today: the event comes again (K16). */
const passing: readonly RefusalCode[] = [
  'busy',
  'recovery-mode',
  'storage-unavailable',
  'key-unknown',
  'key-retired',
]

function isPassing(code: RefusalCode): boolean {
  return passing.includes(code)
}

function problemOf(
  code: RefusalCode,
  detail: string | undefined,
): Extract<SubmitResult, { status: 'rejected' }>['problem'] {
  const { status, sentence } = refusals[code]
  return {
    type: `urn:parley:problem:${code}`,
    title: sentence,
    status,
    retry: 'never',
    ...(detail === undefined ? {} : { detail }),
  }
}
