import { readContent, readHeaderForm, type Event } from '#federation/event.ts'
import { fold } from '#federation/judge.ts'
import { copyState, digestState, type SpaceState } from '#federation/state.ts'
import { isStateType } from '#schema/event/types.ts'
import type { Fault } from './fault.ts'
import type { Copy, Replica } from './load.ts'
import type { Say } from './logs.ts'

/**
 * I-11, and I-09 with it: what the effects have written is what the log says. The log is folded again from its first
 * entry, and rows are derived from how the state changes, by no code that the effects share.
 */
export function derivedFaults(replica: Replica): Fault[] {
  return [...replica.copies.values()].flatMap((copy) => {
    const say: Say = (id, detail) => ({ id, node: replica.id, detail: `${copy.space.id}: ${detail}` })
    // A copy that begins with a snapshot cannot be folded from its genesis on; what it says is compared with its host.
    if (copy.space.snapshotSeq > 0) return snapshotFaults(copy, say)
    const { faults, state, rows } = replay(copy, say)
    if (!state) return faults
    const digest = digestState(state)
    const { stateSeq, stateHash } = state
    const row = copy.state
    if (row?.digest !== digest || row.stateSeq !== stateSeq || row.stateHash !== stateHash) {
      faults.push(say('I-11', `the state row says ${row?.stateSeq}, the log ${stateSeq}`))
    }
    if (!copy.stored || digestState(copy.stored) !== digest) {
      faults.push(say('I-11', 'the state in its rows is not the one in the log'))
    }
    for (const [table, stored] of Object.entries(storedRows(copy))) {
      const derived = rows[table as keyof Rows].map(String).toSorted().join('; ')
      const kept = stored.map(String).toSorted().join('; ')
      if (derived !== kept) faults.push(say('I-11', `${table} has ${kept}, the log says ${derived}`))
    }
    return faults
  })
}

function snapshotFaults({ state, stored }: Copy, say: Say): Fault[] {
  const agrees = state !== undefined && stored !== undefined && digestState(stored) === state.digest
  return agrees ? [] : [say('I-11', 'the state in its rows is not the one of its digest')]
}

type Row = (string | number | null)[]
type Rows = {
  readonly members: Row[]
  readonly recipients: Row[]
  readonly nodes: Row[]
  readonly invited: Row[]
}

function storedRows(copy: Copy): Rows {
  return {
    members: copy.members.map((row) => [
      row.fromSeq,
      row.userId,
      row.joinSeq,
      row.role,
      row.history,
      row.untilSeq,
    ]),
    recipients: copy.recipients.map((row) => [
      row.addSeq,
      row.groupId,
      row.history,
      row.anchorSeq,
      row.removeSeq,
    ]),
    nodes: copy.nodes.map((row) => [row.addSeq, row.node, row.removeSeq]),
    invited: copy.invited.map((row) => [row.addSeq, row.jti, row.node, row.role, row.history, row.endSeq]),
  }
}

type Replayed = { readonly faults: Fault[]; readonly state: SpaceState | undefined; readonly rows: Rows }

function replay(copy: Copy, say: Say): Replayed {
  const faults: Fault[] = []
  const rows: Rows = { members: [], recipients: [], nodes: [], invited: [] }
  let state: SpaceState | undefined
  for (const [i, row] of copy.entries.entries()) {
    const entry = copy.read[i]
    if (!entry || !isStateType(row.type)) continue
    const event = eventOf(row)
    if (!event) {
      faults.push(say('I-11', `the state entry ${row.seq} cannot be read`))
      return { faults, state: undefined, rows }
    }
    const before = state && copyState(state)
    state = fold(state, { event, entry })
    note(rows, before, state, row.seq)
    if (row.stateDigest !== digestState(state))
      faults.push(say('I-11', `the digest at ${row.seq} is another`))
  }
  return { faults, state, rows }
}

function eventOf({ header: text, salt, content: body, hash }: Copy['entries'][number]): Event | undefined {
  const wire = { header: text, salt, content: body }
  const header = readHeaderForm(text)
  if (!header.ok) return undefined
  const content = readContent(header.value, wire)
  return content.ok ? { hash, header: header.value, wire, content: content.value } : undefined
}

/** The rows that follow from one change of state: what came opens a row, what went or became another closes one. */
function note(rows: Rows, before: SpaceState | undefined, after: SpaceState, seq: number): void {
  const step = <K, V>(
    table: Row[],
    from: Map<K, V> | undefined,
    to: Map<K, V>,
    row: (key: K, value: V) => Row,
  ): void => {
    for (const [key, value] of from ?? []) {
      const old = row(key, value).join()
      const now = to.get(key)
      if (now !== undefined && row(key, now).join() === old) continue
      const open = table.find((one) => one.at(-1) === null && one.slice(1, -1).join() === old)
      open?.splice(-1, 1, seq)
    }
    for (const [key, value] of to) {
      const now = row(key, value)
      const old = from?.get(key)
      if (old === undefined || row(key, old).join() !== now.join()) table.push([seq, ...now, null])
    }
  }
  step(rows.members, before?.members, after.members, (user, m) => [user, m.joinSeq, m.role, m.history])
  step(rows.recipients, before?.groups, after.groups, (group, g) => [group, g.history, g.anchorSeq])
  step(rows.nodes, before?.nodes, after.nodes, (node) => [node])
  step(rows.invited, before?.invites, after.invites, (jti, i) => [jti, i.node, i.role, i.history])
}
