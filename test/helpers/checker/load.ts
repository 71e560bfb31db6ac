import type { Selectable } from 'kysely'
import { type Entry, readEntry } from '#federation/chain.ts'
import type { NodeKey } from '#federation/keys.ts'
import { readOperationLog } from '#federation/operation-log.ts'
import type { SpaceState } from '#federation/state.ts'
import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import type { ReadEntry } from '#server/db/entries.ts'
import type { Db } from '#server/db/open.ts'
import { loadStates, type SpaceRow, type StateRow } from '#server/db/spaces.ts'
import type { Tables } from '#server/db/tables.ts'

// What one node holds, read in one go, so that everything after it is a scan in memory.

type Rows<T extends keyof Tables> = readonly Selectable<Tables[T]>[]

/** One space as a node holds it. `entries` in their order; `read` beside them, undefined where a text is no entry. */
export type Copy = {
  readonly space: SpaceRow
  readonly state: StateRow | undefined
  /** As the rows of the effects say it. */
  readonly stored: SpaceState | undefined
  readonly entries: readonly ReadEntry[]
  readonly read: readonly (Entry | undefined)[]
  readonly members: Rows<'member'>
  readonly recipients: Rows<'recipient'>
  readonly nodes: Rows<'spaceNode'>
  readonly invited: Rows<'invited'>
  readonly settings: Rows<'setting'>
}

export type Replica = {
  readonly id: NodeId
  readonly copies: ReadonlyMap<SpaceId, Copy>
  readonly checkpoints: Rows<'checkpoint'>
  readonly cursors: Rows<'cursor'>
  readonly receipts: Rows<'receipt'>
  readonly pending: Rows<'pending'>
  readonly fences: Rows<'fence'>
  readonly fenceCounters: Rows<'fenceCounter'>
  /** The copies that purge fences have deleted. */
  readonly fenceSpaces: Rows<'fenceSpace'>
  readonly controlMessages: Rows<'controlMessage'>
  /** Keys of this node and of those that it has pinned, also past ones. */
  readonly keys: ReadonlyMap<string, NodeKey>
}

export type Replicas = Map<string, Replica>

export async function loadReplicas(id: string, db: Db): Promise<Replica> {
  const all = async <T extends keyof Tables>(table: T): Promise<Rows<T>> =>
    (await db.selectFrom(table).selectAll().execute()) as unknown as Rows<T>
  return {
    id: id as NodeId,
    copies: await loadCopies(db, all),
    checkpoints: await all('checkpoint'),
    cursors: await all('cursor'),
    receipts: await all('receipt'),
    pending: await all('pending'),
    fences: await all('fence'),
    fenceCounters: await all('fenceCounter'),
    fenceSpaces: await all('fenceSpace'),
    controlMessages: await all('controlMessage'),
    keys: keysIn(await all('nodeOp')),
  }
}

type All = <T extends keyof Tables>(table: T) => Promise<Rows<T>>

async function loadCopies(db: Db, all: All): Promise<Map<SpaceId, Copy>> {
  // A copy that is being purged is nobody's any more, and loses its parts one after the other.
  const spaces = (await all('space')).filter(({ purging }) => !purging)
  const entries = (await db
    .selectFrom('entry')
    .leftJoin('content', (join) =>
      join.onRef('content.spaceId', '=', 'entry.spaceId').onRef('content.seq', '=', 'entry.seq'),
    )
    .selectAll('entry')
    .select(['content.salt', 'content.text as content'])
    .orderBy('entry.spaceId')
    .orderBy('entry.seq')
    .execute()) as ReadEntry[]
  const stored = await loadStates(
    db,
    spaces.map(({ id }) => id),
  )
  const of = {
    entries: bySpace(entries),
    states: bySpace(await all('spaceState')),
    members: bySpace(await all('member')),
    recipients: bySpace(await all('recipient')),
    nodes: bySpace(await all('spaceNode')),
    invited: bySpace(await all('invited')),
    settings: bySpace(await all('setting')),
  }
  const copies = spaces.map((space): [SpaceId, Copy] => {
    const { id } = space
    const log = of.entries(id)
    const copy = {
      space,
      state: of.states(id)[0],
      stored: stored.get(id),
      entries: log,
      read: log.map(({ text }) => readText(text)),
      members: of.members(id),
      recipients: of.recipients(id),
      nodes: of.nodes(id),
      invited: of.invited(id),
      settings: of.settings(id),
    }
    return [id, copy]
  })
  return new Map(copies)
}

function readText(text: string): Entry | undefined {
  const entry = readEntry(text)
  return entry.ok ? entry.value : undefined
}

function bySpace<R extends { readonly spaceId: SpaceId }>(
  rows: readonly R[],
): (space: SpaceId) => readonly R[] {
  const groups = Map.groupBy(rows, (row) => row.spaceId)
  return (space) => groups.get(space) ?? []
}

function keysIn(operations: Rows<'nodeOp'>): Map<string, NodeKey> {
  const keys = new Map<string, NodeKey>()
  for (const [node, rows] of Map.groupBy(operations, (row) => row.node)) {
    const texts = rows.toSorted((a, b) => a.seq - b.seq).map(({ jws }) => jws)
    const log = readOperationLog(texts, node)
    if (log.ok) for (const { key } of log.value.keys) keys.set(key.kid, key)
  }
  return keys
}

/** The hash that a node holds at a position; undefined where it holds none. A copy may begin behind its base. */
export function hashAt({ space, entries }: Copy, seq: number): Hash | undefined {
  if (seq === space.baseSeq) return space.baseHash ?? undefined
  const last = entries.at(-1)
  const row = seq === 1 ? entries[0] : last && entries[entries.length - 1 - (last.seq - seq)]
  return row?.seq === seq ? row.hash : undefined
}
