import { readEntry } from '#federation/chain.ts'
import { hashHeader } from '#federation/event.ts'
import { signProof } from '#federation/log-documents.ts'
import type { EventId, NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { type RefusalCode, refusals } from '#schema/refusal.ts'
import { submitEvents } from '#schema/wire/endpoints.ts'
import type { SubmitAnswer } from '#schema/wire/submit.ts'
import type { Context } from '#server/context.ts'
import { alone } from '#server/db/open.ts'
import {
  expirePending,
  listPendingOf,
  listPendingSpaces,
  markPending,
  type PendingRow,
  refuseBegun,
  takeAccepted,
} from '#server/db/pending.ts'
import { forgetPromises } from '#server/db/promises.ts'
import { callPeer } from '../exchange/call.ts'
import { onReturn } from '../exchange/reach.ts'
import { startLane } from '../lane.ts'
import { Pauses } from '../pauses.ts'
import { perNode } from '../per-node.ts'
import { keepPromise } from '../truth/promises.ts'
import { afterFailure, afterRefusal } from '../exchange/answers.ts'

// The author's end: what our users wrote in spaces that others host goes to their hosts, in the order in which it
// was written, one submission of a space at a time; a thread that they start there goes with what is written in it
// (A15). The rows end when the host's log brings the entries back (A22).

const pausesOf = perNode(({ random }) => new Pauses<SpaceId>(random))

export function startSubmitting(context: Context): void {
  onReturn(context, (node) => pausesOf(context).endAll(node))
  startLane(context, {
    name: 'submit lane',
    lane: 'submit',
    topic: 'submit',
    sweep: async () => {
      await context.db.transaction().execute(async (tx) => {
        await expirePending(tx, context.clock.now())
        await forgetPromises(tx)
      })
    },
    due: async () => [...new Set((await listDue(context)).map((row) => row.host))],
    serve: async (host) => await serveHost(context, host),
  })
}

/** The spaces for which something waits, but those whose host has asked to come again later: the others go on. */
async function listDue(context: Context): Promise<{ host: NodeId; spaceId: SpaceId }[]> {
  const now = context.clock.now()
  const waiting = await listPendingSpaces(context.db)
  return waiting.filter(({ host, spaceId }) => !pausesOf(context).has(host, spaceId, now))
}

/** False: the host could not be reached. */
async function serveHost(context: Context, host: NodeId): Promise<boolean> {
  const pauses = pausesOf(context)
  const spaces = (await listDue(context)).filter((row) => row.host === host).values()
  let reachable = true
  async function work(): Promise<void> {
    for (const { spaceId } of spaces) {
      const submitted = await submitSpace(context, host, spaceId)
      if (submitted === 'later') pauses.begin(host, spaceId, context.clock.now())
      if (submitted === 'done') pauses.end(host, spaceId)
      if (submitted === 'rest') reachable = false
      if (!reachable) return
    }
  }
  await Promise.all(Array.from({ length: limits.callsAtOnceMax.submit }, work))
  return reachable
}

/** `later`: this space is to come again, `rest`: the whole host. */
type Submitted = 'done' | 'later' | 'rest'

async function submitSpace(context: Context, host: NodeId, space: SpaceId): Promise<Submitted> {
  const rows = fit(await listPendingOf(context.db, host, space, limits.submitEventsMax))
  if (rows.length === 0) return 'done'
  const ids = rows.map((row) => row.eventId)
  // From here on only an answer of the host, or its log, decides what became of them.
  await markPending(alone(context.db), ids, 'sent')
  const proof = signProof(
    { v: 1, iss: context.node, space, host, events: rows.map((row) => hashHeader(row.header)) },
    context.keys.signer,
  )
  const answer = await callPeer(context, host, {
    contract: submitEvents,
    params: { space },
    body: { events: rows.map(({ header, salt, content }) => ({ header, salt, content })), proof },
    space,
  })
  if (answer.ok) {
    // Before the rows say that it was accepted: after a crash in between the host is asked again, and promises again.
    await keepPromise(context, { host, space }, answer.value, rows)
    return await settle(context, space, ids, answer.value)
  }
  // As with pushes: what the node itself puts off is this space, and so is what it may fail over.
  if ('failed' in answer) return afterFailure(answer.failed) === 'rest' ? 'rest' : 'later'
  const { code, retry } = answer.refused
  if (retry !== 'never') return afterRefusal(code) === 'rest' ? 'rest' : 'later'
  await context.db.transaction().execute(async (tx) => {
    await markPending(tx, ids, 'refused', knownCode(code))
    await refuseBegun(tx, space)
  })
  return 'done'
}

/** As many as one submission carries, in order. */
function fit(rows: readonly PendingRow[]): readonly PendingRow[] {
  let bytes = 0
  const end = rows.findIndex((row, i) => {
    bytes += 1.25 * (row.header.length + Buffer.byteLength(row.content)) + 200
    return bytes > limits.submitBytesMax && i > 0
  })
  return end === -1 ? rows : rows.slice(0, end)
}

async function settle(
  context: Context,
  space: SpaceId,
  ids: readonly EventId[],
  answer: SubmitAnswer,
): Promise<Submitted> {
  const accepted: { readonly id: EventId; readonly seq: number }[] = []
  let complete = true
  await context.db.transaction().execute(async (tx) => {
    for (const result of answer.results) {
      if (!ids.includes(result.id)) continue
      if (result.status === 'accepted' || result.status === 'duplicate') accepted.push(placeOf(result))
      else if (result.status === 'retry') complete = false
      else await markPending(tx, [result.id], 'refused', knownCode(slugOf(result.problem.type)))
    }
    await takeAccepted(tx, space, accepted)
    await refuseBegun(tx, space)
  })
  return complete && answer.results.length > 0 ? 'done' : 'later'
}

/** Where the host says that it is. A place that cannot be read is one that its log has to show. */
function placeOf({ id, entry }: { readonly id: EventId; readonly entry: string }): {
  readonly id: EventId
  readonly seq: number
} {
  const read = readEntry(entry)
  return { id, seq: read.ok ? read.value.body.seq : Infinity }
}

function slugOf(type: string): string {
  return type.slice('urn:parley:problem:'.length)
}

/** A code that we do not know is still a no. */
function knownCode(code: string): RefusalCode {
  return Object.hasOwn(refusals, code) ? (code as RefusalCode) : 'no-right'
}
