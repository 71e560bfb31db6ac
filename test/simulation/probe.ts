import type { Fault } from '../helpers/checker.ts'
import type { Replica } from '../helpers/checker/load.ts'
import { reaches } from '../helpers/checker/reach.ts'
import { ask } from './people.ts'
import type { World } from './parts.ts'

/** At rest everybody asks for every space: who reaches it by its host's log is let in (I-20), nobody else is (I-13). */
export async function probe(world: World, replicas: ReadonlyMap<string, Replica>): Promise<Fault[]> {
  const faults: Fault[] = []
  for (const space of world.spaces) {
    const host = replicas.get(space.host.id)!
    for (const person of world.people) {
      const url = `/api/spaces/${space.id}/entries?limit=1`
      const { status } = await ask(world, person, { method: 'GET', url })
      const may = reaches(host, person.id as never, space.id as never)
      if (may === (status === 200)) continue
      const detail = `${person.handle} is answered ${status} in ${space.id}`
      faults.push({ id: may ? 'I-20' : 'I-13', node: person.node.id, detail })
    }
  }
  return faults
}
