import { writingActs } from './acts.ts'
import { between, weighted } from './chance.ts'
import type { Client } from './client.ts'
import { readingActs } from './reading.ts'

// What people do, densely: few spaces, many at once. Some of it they may not do; that is refused, or is a violation.

const acts = { ...writingActs, ...readingActs }

const weights: Readonly<Record<string, number>> = {
  post: 30,
  postTwice: 4,
  repeat: 4,
  begin: 4,
  invite: 12,
  answer: 14,
  leave: 2,
  remove: 5,
  addColleague: 2,
  address: 3,
  withdraw: 1.5,
  read: 6,
  list: 8,
  markRead: 6,
  watch: 3,
  intrude: 9,
}

/** One person at work, until the history heals. */
export async function work(
  client: Client,
  { steps, pause }: { readonly steps: number; readonly pause: number },
): Promise<void> {
  const { world } = client
  const drawn = Object.fromEntries(
    Object.entries(weights).map(([act, weight]) => [
      act,
      weight * between(world.faults.roll(`weight ${act}`), 0.3, 2),
    ]),
  )
  await acts['list']!(client)
  for (client.step = 1; client.step <= steps && !world.isCalm; client.step++) {
    await client.think(pause)
    if (world.isCalm) return
    // Whoever was invited mostly looks soon.
    const looks = world.invited.has(client.person.address) && client.roll('looks') < 0.5
    const act = looks ? 'answer' : weighted(client.roll('act'), drawn)
    await acts[act]!(client)
    world.acts++
  }
}
