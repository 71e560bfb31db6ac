import type { SpaceState } from '#federation/state.ts'
import type { Hash, SpaceId } from '#schema/ids.ts'
import { insertAudit } from '#server/db/audit.ts'
import {
  type EventKey,
  findKnown,
  insertEntries,
  insertProof,
  type KnownEntry,
  type RequestKey,
} from '#server/db/entries.ts'
import { type FenceDraft, issueFences } from '#server/db/fences.ts'
import type { Tx } from '#server/db/open.ts'
import { holdSpaces, holdStates, loadStates } from '#server/db/spaces.ts'
import { transact } from '#server/db/transaction.ts'
import { runEffects } from './effects/run.ts'
import { CommitError, OvertakenError } from './faults.ts'
import type { Intent, Placed, Queued, Settled } from './intent.ts'
import type { LogPorts } from './ports.ts'
import { openPlace, type Place, placeIntent } from './place.ts'
import { headOf, rowOfIntent } from './rows.ts'
import { beginSpace } from './space.ts'
import type { States } from './states.ts'

// One batch of the group commit: locks, one read, the rules, one insert, COMMIT. Locks go down in one order
// only: head rows by id, state rows by id, fence counters by node (A3, A25). It never goes back up.

export type BatchResult = {
  readonly settled: readonly Settled[]
  readonly placed: ReadonlyMap<SpaceId, readonly Placed[]>
}

/** Commits a batch, or throws with nothing written. Only then is anything it changed in memory believed. */
export async function runBatch(
  ports: LogPorts,
  states: States,
  batch: readonly Queued[],
): Promise<BatchResult> {
  const intents = batch.map((queued) => queued.intent)
  for (;;) {
    const shared = groupsOf(intents, states)
    const outcome = await transact(
      ports.db,
      async (tx) => await run(tx, { ports, states, intents, shared }),
      (cause) => new CommitError('The outcome of a commit is unknown.', { cause }),
    )
    // A thread addressed a group that we did not know of, so its state was not locked. Now we do.
    if (outcome === 'more-groups') continue
    for (const work of outcome.places.values()) if (work.placed.length > 0) states.put(work.state!)
    const placed = new Map([...outcome.places].map(([space, work]) => [space, work.placed]))
    for (const [space, entries] of placed) if (entries.length === 0) placed.delete(space)
    return { settled: outcome.settled, placed }
  }
}

type Batch = {
  readonly ports: LogPorts
  readonly states: States
  readonly intents: readonly Intent[]
  readonly shared: ReadonlySet<SpaceId>
}

/** The groups whose state the rules will look at, as far as a plain read knows. */
function groupsOf(intents: readonly Intent[], states: States): Set<SpaceId> {
  const groups = new Set<SpaceId>()
  for (const intent of intents) {
    for (const group of intent.groups) groups.add(group)
    for (const group of states.get(intent.space)?.groups.keys() ?? []) groups.add(group)
  }
  return groups
}

type Outcome = { readonly settled: readonly Settled[]; readonly places: ReadonlyMap<SpaceId, Place> }

async function run(tx: Tx, { ports, states, intents, shared }: Batch): Promise<Outcome | 'more-groups'> {
  const ids = [...new Set(intents.map((intent) => intent.space))]
  const spaces = new Map((await holdSpaces(tx, ids)).map((row) => [row.id, row]))
  const changing = intents.some((intent) => intent.changesState)
  const stateRows = await holdStates(tx, [...new Set([...ids, ...shared])], changing ? 'change' : 'share')
  // In a statement of its own, after the locks: what a lost transaction left behind is visible only now (A13).
  const known = await findKnownOf(tx, intents)
  const current = new Map<SpaceId, SpaceState>()
  const stale: SpaceId[] = []
  for (const row of stateRows) {
    const state = states.get(row.spaceId)
    if (state?.stateSeq === row.stateSeq && state.stateHash === row.stateHash) current.set(row.spaceId, state)
    else stale.push(row.spaceId)
  }
  for (const [id, state] of await loadStates(tx, stale)) {
    states.put(state)
    current.set(id, state)
  }
  const digests = new Map(stateRows.map((row) => [row.spaceId, row.digest]))
  const places = new Map<SpaceId, Place>()
  for (const id of ids) {
    const state = current.get(id)
    for (const group of state?.groups.keys() ?? []) if (!current.has(group)) return 'more-groups'
    places.set(id, openPlace(id, spaces.get(id), { state, digest: digests.get(id), now: ports.clock.now() }))
  }
  const desk = { ...ports, places, current, known }
  const settled = intents.map((intent) => placeIntent(desk, intent))
  await write(tx, ports, [...places.values()])
  return { settled, places }
}

async function findKnownOf(tx: Tx, intents: readonly Intent[]): Promise<KnownEntry[]> {
  const events: EventKey[] = intents.map(({ space, origin, eventId }) => ({ space, origin, id: eventId }))
  const requests: RequestKey[] = intents.flatMap(({ space, idempotency }) =>
    idempotency ? [{ space, sender: idempotency.sender, key: idempotency.key }] : [],
  )
  return await findKnown(tx, events, requests)
}

/** Writes what was placed: spaces that begin, then entries and heads at once, then their effects, then fences. */
export async function write(tx: Tx, ports: LogPorts, places: readonly Place[]): Promise<void> {
  const changed = places.filter((place) => place.placed.length > 0)
  if (changed.length === 0) return
  for (const place of changed)
    if (!place.row && !(await beginSpace(tx, place.placed[0]!))) throw new OvertakenError()
  await insertEntries(
    tx,
    changed.flatMap(({ placed, sources }) => placed.map((entry, i) => rowOfIntent(entry, sources[i]))),
    changed.map(headOf),
  )
  const proofs = new Map(
    changed.flatMap(({ id, sources }) =>
      sources.flatMap((source) =>
        source?.proof ? [[source.proof.hash, { spaceId: id, ...source.proof }]] : [],
      ),
    ) as [string, { spaceId: SpaceId; hash: Hash; jws: string }][],
  )
  for (const { spaceId, hash, jws } of proofs.values()) await insertProof(tx, { spaceId, hash, jws })
  for (const { sources } of changed) {
    for (const source of sources) if (source?.audit) await insertAudit(tx, source.audit)
  }
  const fences: FenceDraft[] = []
  for (const { placed } of changed) {
    fences.push(...(await runEffects(tx, placed, ports, true)))
  }
  if (fences.length > 0) await issueFences(tx, ports.node, fences)
}
