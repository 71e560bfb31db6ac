import type { Selectable } from 'kysely'
import type { Tables } from '#server/db/tables.ts'
import { type CheckedNode, type Fault, findFaults } from '../helpers/checker.ts'
import { loadReplicas, type Replica } from '../helpers/checker/load.ts'
import { repeated } from '../helpers/checker/logs.ts'
import type { Client, Posted } from './client.ts'
import type { World } from './parts.ts'

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
    ...clients.flatMap((client) => [...client.faults, ...readFaults(client, replicas)]),
    ...clients.flatMap((client) => postFaults(client, replicas)),
    ...world.watchers.flatMap((watcher) => watcher.faults),
    ...watcherFaults(world, replicas),
    ...shipmentFaults(world, replicas),
  ]
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

/** I-13 as far as no window is involved: what was read was once theirs to read. */
function readFaults({ person, read }: Client, replicas: ReadonlyMap<string, Replica>): Fault[] {
  return [...read].flatMap((space): Fault[] => {
    const copy = hosted(replicas, space)
    const host = copy && replicas.get(copy.space.host)
    const routes = [space, ...(copy?.recipients.map(({ groupId }) => groupId) ?? [])]
    const wasThere = routes.some((one) =>
      host?.copies.get(one as never)?.members.some(({ userId }) => userId === person.id),
    )
    return wasThere ? [] : [{ id: 'I-13', node: person.node.id, detail: `${person.handle} read ${space}` }]
  })
}

/** I-18: what was shown is what the host's log says (our copy may have been purged since); and, at rest, whoever still watches has seen all of it. */
function watcherFaults(world: World, replicas: ReadonlyMap<string, Replica>): Fault[] {
  return world.watchers.flatMap((watcher) => {
    const { person, space, seen, position, isOpen } = watcher
    const copy = hosted(replicas, space)
    const say = (detail: string): Fault => ({
      id: 'I-18',
      node: person.node.id,
      detail: `${person.handle}: ${detail}`,
    })
    const other = seen.find(({ seq, id }) => copy?.entries[seq - 1]?.eventId !== id)
    if (other) return [say(`was shown ${other.id} at ${other.seq} of ${space}`)]
    const twice = repeated(seen.map(({ seq }) => String(seq)))
    if (twice.length > 0) return [say(`was shown ${twice.join()} of ${space} twice`)]
    const head = copy?.space.headSeq ?? 0
    return isOpen && position < head ? [say(`was shown ${space} up to ${position} of ${head}`)] : []
  })
}

/** I-12: an entry goes to a node only as long as somebody there takes part. */
function shipmentFaults(world: World, replicas: ReadonlyMap<string, Replica>): Fault[] {
  const faults = new Map<string, Fault>()
  for (const { host, to, space, seq } of world.tap.shipments) {
    const replica = replicas.get(host)
    const copy = replica?.copies.get(space)
    if (!copy) continue
    const isDirect = copy.members.some(
      ({ node, untilSeq }) => node === to && (untilSeq === null || untilSeq >= seq),
    )
    const isThrough = copy.recipients.some(
      ({ groupId, removeSeq }) =>
        (removeSeq === null || removeSeq >= seq) &&
        replica?.copies.get(groupId)?.members.some(({ node }) => node === to),
    )
    if (isDirect || isThrough) continue
    faults.set(`${space} ${to}`, { id: 'I-12', node: host, detail: `${seq} of ${space} was sent to ${to}` })
  }
  return [...faults.values()]
}
