import type { Selectable } from 'kysely'
import type { Tables } from '#server/db/tables.ts'
import { type CheckedNode, type Fault, findFaults } from '../helpers/checker.ts'
import { loadReplicas, type Replica } from '../helpers/checker/load.ts'
import { forgeryFaults } from './byzantine.ts'
import type { Client, Posted } from './client.ts'
import type { Read, World } from './parts.ts'
import { hosted, readFaults, readsOfStreams, shipmentFaults, watcherFaults } from './shown.ts'

// What can only be said by who has seen both sides: what people were told, and what the logs hold in the end.

/** `reads`: what people were shown beside what their clients asked for. */
export async function judge(
  world: World,
  {
    clients,
    nodes,
    reads,
  }: {
    readonly clients: readonly Client[]
    readonly nodes: readonly CheckedNode[]
    readonly reads: readonly Read[]
  },
): Promise<Fault[]> {
  const replicas = new Map<string, Replica>()
  for (const { id, db } of nodes) replicas.set(id, await loadReplicas(id, db))
  const shown = [...clients.flatMap((client) => client.reads), ...readsOfStreams(world), ...reads]
  return [
    ...(await findFaults(nodes, { quiescent: true })),
    ...clients.flatMap((client) => client.faults),
    ...readFaults(world, shown, replicas),
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
