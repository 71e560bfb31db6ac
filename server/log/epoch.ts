import { nodeOf, type Hash, type NodeId, type SpaceId, type UserId } from '#schema/ids.ts'
import { accept } from '#federation/outcome.ts'
import type { AuditRow } from '#server/db/audit.ts'
import { cutBack } from '#server/db/cuts.ts'
import { restartUnreached } from '#server/db/cursors.ts'
import { findHighestEpoch } from '#server/db/epochs.ts'
import { type FenceDraft, issueFences } from '#server/db/fences.ts'
import type { Tx } from '#server/db/open.ts'
import { listFencedMembers } from '#server/db/restored.ts'
import { damaged, holdSpaces, holdStates, loadStates, type SpaceRow } from '#server/db/spaces.ts'
import { newEventId } from '#server/ports/random.ts'
import { writeAdopted } from './adopt.ts'
import { write } from './batch.ts'
import { makeHostEvent } from './host-event.ts'
import type { Intent, Placed } from './intent.ts'
import type { Taking } from './judged.ts'
import { openPlace, type Place, placeIntent } from './place.ts'
import type { Log, LogPorts } from './ports.ts'

// A log that we host goes on in another epoch: from its head, from an earlier entry, or from a branch that a follower
// holds and that we signed once. In one transaction, so that nothing is ever served of a choice that was half made.

export type Beginning = {
  readonly space: SpaceId
  /** The head by which the choice was made. */
  readonly head: Hash
  /** The last entry of ours that stays. */
  readonly keep: number
  readonly incarnation: string
  /** A branch to be taken in behind that entry, judged in the transaction: what is cut off counts for nothing then. */
  readonly branch?: (tx: Tx) => Promise<Taking>
  readonly audit?: AuditRow
}

/** False: the log has moved meanwhile, or is damaged, and the choice has to be made anew. */
export async function beginEpoch(ports: LogPorts, log: Log, beginning: Beginning): Promise<boolean> {
  const { space } = beginning
  const placed = await ports.db
    .transaction()
    .execute(async (tx) => await begin(tx, ports, beginning))
    .finally(() => log.states.drop(space))
  if (!placed) return false
  log.committed(space, placed)
  ports.live.recheck({ space })
  for (const topic of ['access', 'control', 'submit'] as const) ports.wake.signal(topic)
  return true
}

async function begin(
  tx: Tx,
  ports: LogPorts,
  { space, head, keep, incarnation, branch, audit }: Beginning,
): Promise<readonly Placed[] | undefined> {
  const [row] = await holdSpaces(tx, [space])
  await holdStates(tx, [space], 'change')
  if (row?.headHash !== head || row.frozen === damaged) return undefined
  const before = (await loadStates(tx, [space])).get(space)!
  await cutBack(tx, row, keep, ports.clock.now())
  if (branch) await writeAdopted(tx, ports, await branch(tx))
  await tx.updateTable('space').set({ frozen: null }).where('id', '=', space).execute()
  const [now] = await holdSpaces(tx, [space])
  const state = (await loadStates(tx, [space])).get(space)!
  const epoch = (await findHighestEpoch(tx, space)) + 1
  const [stateRow] = await holdStates(tx, [space], 'change')
  const place = openPlace(space, now, { state, digest: stateRow!.digest, now: ports.clock.now() })
  const desk = { ...ports, places: new Map([[space, place]]), current: new Map([[space, state]]), known: [] }
  const settled = placeIntent(desk, await turnOf(tx, ports, { row: now!, epoch, incarnation, audit }))
  if (settled.status !== 'accepted') throw new Error(`An epoch cannot begin: ${JSON.stringify(settled)}`)
  await write(tx, ports, [place])
  await closeLost(tx, ports, { row, epoch: row.epoch, before: before.members.keys(), place })
  return place.placed
}

type Turning = {
  readonly row: SpaceRow
  readonly epoch: number
  readonly incarnation: string
  readonly audit: AuditRow | undefined
}

/** The entry that begins the epoch; behind it, whoever was removed already by an order that is out (A2). */
async function turnOf(tx: Tx, ports: LogPorts, { row, epoch, incarnation, audit }: Turning): Promise<Intent> {
  const { id: space, headSeq, headHash } = row
  const eventId = newEventId(ports.clock, ports.random)
  const removed = await listFencedMembers(tx, ports.node, space)
  const after = { epoch: row.epoch, seq: headSeq, hash: headHash }
  const turn = makeHostEvent(ports, {
    space,
    type: 'space.reanchor',
    content: { incarnation, after },
    id: eventId,
  })
  const removals = removed.map((user) =>
    makeHostEvent(ports, { space, type: 'member.remove', content: { user } }),
  )
  return {
    space,
    origin: ports.node,
    eventId,
    bytes: 0,
    groups: [],
    changesState: true,
    endsRecovery: true,
    epoch,
    plan: () => accept([turn, ...removals]),
    ...(audit ? { audit } : {}),
  }
}

type Lost = {
  readonly row: SpaceRow
  readonly epoch: number
  readonly before: Iterable<UserId>
  readonly place: Place
}

/** Who was in the space only by what was cut off is in it no more, and their node is told to shut its copy to them. */
async function closeLost(
  tx: Tx,
  { node, clock }: LogPorts,
  { row, epoch, before, place }: Lost,
): Promise<void> {
  const drafts: FenceDraft[] = []
  for (const user of before) {
    const home: NodeId = nodeOf(user)
    if (home === node || place.state!.members.has(user)) continue
    // By an order that the new epoch wrote itself, they are shut out already.
    const isRemoved = place.placed.some(({ event }) => (event.content as { user?: UserId }).user === user)
    if (isRemoved) continue
    const at = clock.now()
    drafts.push({ node: home, spaceId: row.id, subject: user, fromSeq: row.headSeq + 1, epoch, at, lost: [] })
  }
  if (drafts.length > 0) await issueFences(tx, node, drafts)
  await restartUnreached(tx, row.id)
}
