import { sha256 } from '#federation/base64url.ts'
import { buildEntry, type Entry, type Head } from '#federation/chain.ts'
import { buildEvent, type Event, type EventDraft } from '#federation/event.ts'
import { signCheckpoint, signProof } from '#federation/log-documents.ts'
import { accept } from '#federation/outcome.ts'
import type { MessagePost } from '#schema/event/message-post.ts'
import { isStateType } from '#schema/event/types.ts'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { pushEntries, submitEvents } from '#schema/wire/endpoints.ts'
import type { WireEvent } from '#schema/wire/event.ts'
import type { Batch } from '#schema/wire/log.ts'
import type { Context } from '#server/context.ts'
import type { Intent } from '#server/log/intent.ts'
import { callPeer, type PeerAnswer } from '#server/peers/exchange/call.ts'
import type { SubmitAnswer } from '#schema/wire/submit.ts'
import { newEventId } from '#server/ports/random.ts'
import { findStateRow } from '#server/db/spaces.ts'

// What a node can say when it does not mean well: everything validly signed by its own key, and nothing as it
// should be. `context` is the node that speaks.

/** An event that a node writes in the name of one of its users, or of anybody. */
export function forgeEvent(
  context: Context,
  draft: Partial<EventDraft> & { space: SpaceId; sender: UserId },
): Event {
  const message: MessagePost = { text: 'Forged.', fmt: 'plain', mentions: [] }
  return buildEvent({
    id: newEventId(context.clock, context.random),
    host: 'acme.test' as NodeId,
    origin: context.node,
    type: 'msg.post',
    content: message,
    salt: context.random.bytes(16),
    ts: context.clock.now(),
    idv: 1,
    ...draft,
  })
}

/** Submits to acme. The proof covers the events unless told otherwise. */
export async function submit(
  context: Context,
  space: SpaceId,
  events: readonly (Event | { readonly hash: Event['hash']; readonly wire: WireEvent })[],
): Promise<PeerAnswer<SubmitAnswer>> {
  const host = 'acme.test' as NodeId
  const proof = signProof(
    { v: 1, iss: context.node, space, host, events: events.map((event) => event.hash) },
    context.keys.signer,
  )
  const body = { events: events.map((event) => event.wire), proof }
  return await callPeer(context, host, { contract: submitEvents, params: { space }, body })
}

/** The answers, each as its status, and why it was rejected. */
export function outcomes(answer: PeerAnswer<SubmitAnswer>): string[] {
  if (!answer.ok) return ['refused' in answer ? answer.refused.code : answer.failed.reason]
  return answer.value.results.map((result) =>
    result.status === 'rejected' ? result.problem.type.slice('urn:parley:problem:'.length) : result.status,
  )
}

/** An entry over an event, as a host would write it next. */
export function forgeEntry(space: SpaceId, head: Head, event: Event, at: number): Entry {
  return buildEntry({
    v: 1,
    space,
    epoch: head.epoch,
    seq: head.seq + 1,
    prev: head.hash,
    event: event.hash,
    at,
    kid: null,
  })
}

export type Pushed = PeerAnswer<{ receipt: string; rejected: { seq: number; tier: string; slug: string }[] }>

/** Pushes entries of our own making to a follower, under a checkpoint with the state that our log has. */
export async function push(
  context: Context,
  to: string,
  space: SpaceId,
  lines: readonly { readonly entry: Entry; readonly wire: WireEvent }[],
  changes: Partial<Batch> = {},
): Promise<Pushed> {
  const last = lines.at(-1)!.entry
  const state = (await findStateRow(context.db, space))!.digest
  const { epoch, seq } = last.body
  const checkpoint = signCheckpoint(
    { v: 1, iss: context.node, space, epoch, seq, hash: last.hash, state, at: context.clock.now() },
    context.keys.signer,
  )
  const entries = lines.map(({ entry, wire }) => ({ entry: entry.text, event: wire }))
  const body: Batch = { entries, checkpoint, proofs: [], ...changes }
  return await callPeer(context, to as NodeId, { contract: pushEntries, params: { space }, body })
}

/** What stands in the queue of the host's log for events that `author` has written: one wish, whole or not at all. */
export function intentOf(author: Context, space: SpaceId, events: readonly Event[]): Intent {
  const { id, host, origin, type } = events[0]!.header
  const hashes = events.map(({ hash }) => hash)
  const jws = signProof({ v: 1, iss: author.node, space, host, events: hashes }, author.keys.signer)
  return {
    space,
    origin,
    eventId: id,
    bytes: 1_000,
    groups: [],
    changesState: isStateType(type),
    plan: () => accept(events),
    ...(origin !== host && {
      // Named by what is signed (W6).
      proof: { kid: author.keys.signer.kid, hash: sha256(jws.slice(0, jws.lastIndexOf('.'))), jws },
    }),
  }
}
