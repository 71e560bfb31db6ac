import { writingActs } from './acts.ts'
import { between, weighted } from './chance.ts'
import type { Client } from './client.ts'
import { readingActs } from './reading.ts'

// What people do, densely: few spaces, many at once. Some of it they may not do; that is refused, or is a violation.

const acts = { ...writingActs, ...readingActs }

const weights: Readonly<Record<string, number>> = {
  post: 26,
  postTwice: 4,
  repeat: 4,
  begin: 7,
  invite: 12,
  answer: 14,
  bringBack: 8,
  leave: 3,
  remove: 10,
  addColleague: 2,
  address: 7,
  withdraw: 3.5,
  read: 6,
  list: 8,
  markRead: 6,
  watch: 5,
  intrude: 9,
}

/** Who began a space decides in it: they do this more often, and the others try it now and then. */
const deciding: ReadonlySet<string> = new Set(['remove', 'bringBack', 'invite', 'address', 'withdraw'])

/** One person at work, until the history heals. */
export async function work(
  client: Client,
  { steps, pause }: { readonly steps: number; readonly pause: number },
): Promise<void> {
  const { world } = client
  const decides = world.spaces.some(({ starter }) => starter === client.person.handle)
  const drawn = Object.fromEntries(
    Object.entries(weights).map(([act, weight]) => {
      const factor = decides ? 2.5 : 0.5
      return [
        act,
        (deciding.has(act) ? factor : 1) * weight * between(world.faults.roll(`weight ${act}`), 0.3, 2),
      ]
    }),
  )
  await acts['list']!(client)
  // Mostly their client shows them something from the start.
  if (client.roll('watches') < 0.6) await acts['watch']!(client)
  for (client.step = 1; client.step <= steps && !world.isCalm; client.step++) {
    await client.think(pause)
    if (world.isCalm) return
    // Whoever was invited mostly looks soon.
    const looks = world.invited.has(client.person.address) && client.roll('looks') < 0.5
    const clings = client.lost !== undefined && client.roll('clings') < 0.6
    const other = clings ? 'cling' : weighted(client.roll('act'), drawn)
    const act = looks ? 'answer' : other
    await acts[act]!(client)
    world.acts++
  }
}
