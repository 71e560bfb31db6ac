import { nodeOf, type UserId } from '#schema/ids.ts'
import type { Fault } from '../helpers/checker.ts'
import type { Copy, Replica } from '../helpers/checker/load.ts'
import { repeated } from '../helpers/checker/logs.ts'
import type { Read, SimPerson, World } from './parts.ts'
import { isClosed, type Sight, shows, sightsOf } from './sight.ts'

// What people and nodes were shown, against what they were granted.

/** A space as its host has it. */
export function hosted(
  replicas: ReadonlyMap<string, Replica>,
  space: string,
): NonNullable<ReturnType<Replica['copies']['get']>> | undefined {
  for (const { id, copies } of replicas.values()) {
    const copy = copies.get(space as never)
    if (copy?.space.host === id) return copy
  }
  return undefined
}

/**
 * I-13: what was shown lies in what was granted. I-14: not after its end was known where it was read. A stream has two
 * seconds to notice, and whatever the statements take that it asks the door with.
 */
export function readFaults(
  world: World,
  reads: readonly Read[],
  replicas: ReadonlyMap<string, Replica>,
): Fault[] {
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

export function readsOfStreams({ watchers, faults }: World): Read[] {
  const slack = faults.hadStalls ? stallMs : streamNoticesMs
  return watchers.flatMap(({ person, space, seen }) =>
    seen.map(({ seq, at }): Read => ({ person, space, at: at - slack, seqs: [seq] })),
  )
}

/** I-18: what was shown is what the host's log says (our copy may have been purged since); and, at rest, whoever still watches has seen all of it. */
export function watcherFaults(world: World, replicas: ReadonlyMap<string, Replica>): Fault[] {
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
export function shipmentFaults(world: World, replicas: ReadonlyMap<string, Replica>): Fault[] {
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
