import type { Selectable } from 'kysely'
import type { Tables } from '#server/db/tables.ts'
import { type CheckedNode, type Fault, findFaults } from '../helpers/checker.ts'
import { type Copy, loadReplicas, type Replica } from '../helpers/checker/load.ts'
import { repeated } from '../helpers/checker/logs.ts'
import { forgeryFaults } from './byzantine.ts'
import type { Client, Posted } from './client.ts'
import { nodeOf, type UserId } from '#schema/ids.ts'
import type { Read, SimPerson, World } from './parts.ts'
import { isClosed, type Sight, shows, sightsOf } from './sight.ts'

// What can only be said by who has seen both sides: what people were told, and what the logs hold in the end.

export async function judge(
  world: World,
  clients: readonly Client[],
  nodes: readonly CheckedNode[],
): Promise<Fault[]> {
  const replicas = new Map<string, Replica>()
  for (const { id, db } of nodes) replicas.set(id, await loadReplicas(id, db))
  return [
    ...(await findFaults(nodes, { quiescent: true })),
    ...clients.flatMap((client) => client.faults),
    ...readFaults(world, [...clients.flatMap(({ reads }) => reads), ...readsOfStreams(world)], replicas),
    ...clients.flatMap((client) => postFaults(client, replicas)),
    ...world.watchers.flatMap((watcher) => watcher.faults),
    ...watcherFaults(world, replicas),
    ...shipmentFaults(world, replicas),
    ...forgeryFaults(world, contentsOf(replicas)),
  ]
}

function contentsOf(
  replicas: ReadonlyMap<string, Replica>,
): { readonly id: string; readonly contents: (string | null)[] }[] {
  return [...replicas.values()].map(({ id, copies }) => ({
    id,
    contents: [...copies.values()].flatMap(({ entries }) => entries.map(({ content }) => content)),
  }))
}

type Found = { readonly seq: number; readonly id: string }

/** Where a text stands in the log of its space, at the space's host. */
function findText(replicas: ReadonlyMap<string, Replica>, { space, text }: Posted): Found[] {
  const copy = hosted(replicas, space)
  return (copy?.entries ?? []).flatMap(({ seq, eventId, content }) =>
    content?.includes(`"${text}"`) ? [{ seq, id: eventId }] : [],
  )
}

function hosted(
  replicas: ReadonlyMap<string, Replica>,
  space: string,
): NonNullable<ReturnType<Replica['copies']['get']>> | undefined {
  for (const { id, copies } of replicas.values()) {
    const copy = copies.get(space as never)
    if (copy?.space.host === id) return copy
  }
  return undefined
}

/** I-01 and I-02 for each message, I-10 for the order of one author's. */
function postFaults(client: Client, replicas: ReadonlyMap<string, Replica>): Fault[] {
  const { node, handle } = client.person
  const faults: Fault[] = []
  const say = (id: Fault['id'], detail: string): void => void faults.push({ id, node: node.id, detail })
  const taken: Taken[] = []
  for (const [i, posted] of client.posts.entries()) {
    const { text, space, accepted, queued, refused, isUnknown } = posted
    const found = findText(replicas, posted)
    const [first] = found
    if (found.length > 1) say('I-01', `${text} of ${handle} stands ${found.length} times in ${space}`)
    if (accepted && (first?.seq !== accepted.seq || first.id !== accepted.id)) {
      say('I-01', `${text} of ${handle} was accepted at ${accepted.seq} of ${space} and is at ${first?.seq}`)
    }
    if (queued) faults.push(...queuedFaults(posted, queued.id, first, replicas))
    if (refused !== undefined && !accepted && !queued && !isUnknown && first) {
      say('I-02', `${text} of ${handle} was refused (${refused}) and stands at ${first.seq} of ${space}`)
    }
    if (first && posted.takenBefore !== undefined) taken.push({ posted, i, seq: first.seq })
  }
  return [...faults, ...orderFaults(client, taken)]
}

type Taken = { readonly posted: Posted; readonly i: number; readonly seq: number }

/** I-10: what was taken before something else was begun stands before it. One that was asked for once more may not. */
function orderFaults({ person }: Client, taken: readonly Taken[]): Fault[] {
  return taken.flatMap((before) =>
    taken.flatMap((after): Fault[] => {
      const isLater = before.posted.space === after.posted.space && before.posted.takenBefore! <= after.i
      if (!isLater || before.seq < after.seq) return []
      const detail = `${person.handle} wrote ${before.posted.text} before ${after.posted.text}; they stand at ${before.seq} and ${after.seq}`
      return [{ id: 'I-10', node: person.node.id, detail }]
    }),
  )
}

type Pending = Selectable<Tables['pending']>

/** At rest what was queued is in the log, or its author's node says why not; never both. */
function queuedFaults(
  { text, person, space }: Posted,
  id: string,
  found: Found | undefined,
  replicas: ReadonlyMap<string, Replica>,
): Fault[] {
  const home = replicas.get(person.node.id)
  const row: Pending | undefined = home?.pending.find(({ eventId }) => eventId === id)
  const isKnownToHave = found?.id === id
  const isRefused = row?.state === 'refused' || row?.state === 'expired'
  const say = (detail: string): Fault[] => [
    { id: 'I-02', node: person.node.id, detail: `${text} in ${space}: ${detail}` },
  ]
  if (found && !isKnownToHave) return say(`${id} was queued, ${found.id} is in the log`)
  if (isKnownToHave && isRefused) return say(`it is in the log, and its author is told ${row?.code}`)
  return isKnownToHave || isRefused ? [] : say('it was queued and is nowhere')
}

/**
 * I-13: what was shown lies in what was granted. I-14: not after its end was known where it was read. A stream has two
 * seconds to notice, and whatever the statements take that it asks the door with.
 */
function readFaults(world: World, reads: readonly Read[], replicas: ReadonlyMap<string, Replica>): Fault[] {
  const faults = new Map<string, Fault>()
  for (const read of reads) {
    const { person, space, seqs } = read
    const copy = hosted(replicas, space)
    if (!copy) continue
    const sights = sightsOf(replicas.get(copy.space.host)!, copy).filter(({ user }) => user === person.id)
    const open = sights.filter((sight) => !isClosed(sight, read, world.closures))
    const say = (id: Fault['id'], detail: string): void =>
      void faults.set(`${id} ${person.id} ${space}`, {
        id,
        node: person.node.id,
        detail: `${person.handle} ${detail}`,
      })
    if (open.length === 0)
      say(sights.length === 0 ? 'I-13' : 'I-14', `was shown ${space} without a way to it`)
    for (const seq of seqs) {
      if (!sights.some((sight) => shows(sight, copy, seq))) say('I-13', `was shown ${seq} of ${space}`)
      else if (!open.some((sight) => shows(sight, copy, seq)))
        say('I-14', `was still shown ${seq} of ${space}`)
    }
  }
  return [...faults.values()]
}

const streamNoticesMs = 2_000
const stallMs = 20_000

function readsOfStreams({ watchers, faults }: World): Read[] {
  const slack = faults.hadStalls ? stallMs : streamNoticesMs
  return watchers.flatMap(({ person, space, seen }) =>
    seen.map(({ seq, at }): Read => ({ person, space, at: at - slack, seqs: [seq] })),
  )
}

/** I-18: what was shown is what the host's log says (our copy may have been purged since); and, at rest, whoever still watches has seen all of it. */
function watcherFaults(world: World, replicas: ReadonlyMap<string, Replica>): Fault[] {
  return world.watchers.flatMap((watcher) => {
    const { person, space, seen, jumps, position, isOpen } = watcher
    const copy = hosted(replicas, space)
    const say = (detail: string): Fault => ({
      id: 'I-18',
      node: person.node.id,
      detail: `${person.handle}: ${detail}`,
    })
    const other = seen.find(({ seq, id }) => copy?.entries[seq - 1]?.eventId !== id)
    if (other) return [say(`was shown ${other.id} at ${other.seq} of ${space}`)]
    const begins = copy && jumps.find(({ to }) => !beginsAt(replicas, copy, person, to))
    if (begins) return [say(`was shown ${begins.to} of ${space} after ${begins.after}`)]
    const twice = repeated(seen.map(({ seq }) => String(seq)))
    if (twice.length > 0) return [say(`was shown ${twice.join()} of ${space} twice`)]
    const head = copy?.space.headSeq ?? 0
    return isOpen && position < head ? [say(`was shown ${space} up to ${position} of ${head}`)] : []
  })
}

/** A view may begin where a window does, or our copy. */
function beginsAt(
  replicas: ReadonlyMap<string, Replica>,
  copy: Copy,
  person: SimPerson,
  seq: number,
): boolean {
  const windows = sightsOf(replicas.get(copy.space.host)!, copy).filter(({ user }) => user === person.id)
  const ours = replicas.get(person.node.id)?.copies.get(copy.space.id)
  return windows.some(({ from }) => from === seq) || ours?.space.baseSeq === seq - 1
}

/** I-12: an entry goes to a node only when somebody there is granted it, and the entry that ends the last of it. */
function shipmentFaults(world: World, replicas: ReadonlyMap<string, Replica>): Fault[] {
  const faults = new Map<string, Fault>()
  const sights = new Map<string, Sight[]>()
  for (const { host, to, space, seq } of world.tap.shipments) {
    const replica = replicas.get(host)
    const copy = replica?.copies.get(space)
    if (!copy) continue
    const theirs = sights.get(space) ?? sightsOf(replica!, copy)
    sights.set(space, theirs)
    if (theirs.some((sight) => nodeOf(sight.user as UserId) === to && shows(sight, copy, seq, true))) continue
    faults.set(`${space} ${to}`, { id: 'I-12', node: host, detail: `${seq} of ${space} was sent to ${to}` })
  }
  return [...faults.values()]
}
