import type { Fault } from '../helpers/checker.ts'
import type { Replica } from '../helpers/checker/load.ts'
import { reaches } from '../helpers/checker/reach.ts'
import { ask } from './people.ts'
import type { Read, World } from './parts.ts'

export type Probed = {
  readonly faults: Fault[]
  /** What they were shown, to be held against what they were granted. */
  readonly reads: Read[]
}

const pageLength = 200

/** At rest everybody reads every space: who reaches it by its host's log is let in (I-20), nobody else is (I-13). */
export async function probe(world: World, replicas: ReadonlyMap<string, Replica>): Promise<Probed> {
  const probed: Probed = { faults: [], reads: [] }
  for (const space of world.spaces) {
    const host = replicas.get(space.host.id)!
    // Refused by its host: it is its starter's alone, who may read what they wrote.
    if (!host.copies.has(space.id as never)) continue
    for (const person of world.people) {
      const at = world.scheduler.now
      const url = `/api/spaces/${space.id}/entries?after=0&limit=${pageLength}`
      const reply = await ask(world, person, { method: 'GET', url })
      const may = reaches(host, person.id as never, space.id as never)
      if (may !== (reply.status === 200)) {
        const detail = `${person.handle} is answered ${reply.status} in ${space.id}`
        probed.faults.push({ id: may ? 'I-20' : 'I-13', node: person.node.id, detail })
      }
      if (reply.status !== 200 || !('body' in reply)) continue
      const { entries } = reply.body as { entries: { seq: number }[] }
      probed.reads.push({ person, space: space.id, at, seqs: entries.map(({ seq }) => seq) })
    }
  }
  return probed
}
