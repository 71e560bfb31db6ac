import { readFileSync } from 'node:fs'
import t from 'tap'
import { chanceOf } from './chance.ts'
import { force } from './decisions.ts'
import { Scheduler } from './scheduler.ts'
import { bugs } from './zoo/bugs.ts'

// What the simulation itself promises, without a database: histories are run by `npm run simulate`.

for (const { name, change } of bugs) {
  t.test(`the zoo: ${name} still has its one place in ${change.file}`, async (t) => {
    const text = readFileSync(new URL(`../../${change.file}`, import.meta.url), 'utf8')
    t.equal(text.split(change.from).length, 2)
    t.not(change.from, change.to)
  })
}

type Walk = { order: string[]; scheduler: Scheduler; divergedAt: number | undefined }

/** Three walkers who wait at gates, by chance. */
async function walk(seed: string, decisions?: Scheduler['decisions']): Promise<Walk> {
  const forced = decisions && force(decisions)
  const scheduler = new Scheduler(seed, 1_800_000_000_000, forced)
  const chance = chanceOf(seed, 'walk')
  const order: string[] = []
  const go = async (who: string): Promise<void> => {
    for (let i = 0; i < 5; i++) {
      const delay = (id: string): number => 100 * chance(id)
      await scheduler.arrive({ kind: 'timer', whose: who, label: 'steps', delay, of: { isOver: false } })
      order.push(`${who}${i}`)
    }
  }
  const walking = Promise.all(['a', 'b', 'c'].map(go))
  // Whoever looks for a while only leaves closed what comes later.
  for (let i = 0; i < 20; i++) await scheduler.until(() => false, 10)
  await scheduler.during(walking)
  // What is begun when that look is over cannot be waited for during it.
  void scheduler.wait('world', 'far away', 1_000)
  await scheduler.until(() => false, 10)
  await scheduler.during(go('d'))
  return { order, scheduler, divergedAt: forced?.divergedAt }
}

t.test('the same seed opens the same gates, another seed others, and decisions repeat them', async (t) => {
  const first = await walk('one')
  const again = await walk('one')
  const other = await walk('two')
  t.equal(first.order.length, 20)
  t.strictSame(again.order, first.order)
  t.equal(again.scheduler.hash, first.scheduler.hash)
  t.notSame(other.order, first.order)
  const replayed = await walk('one', first.scheduler.decisions)
  t.equal(replayed.scheduler.hash, first.scheduler.hash)
  t.equal(replayed.divergedAt, undefined)
})

t.test('whoever is over by the time their gate opens never comes back', async (t) => {
  const scheduler = new Scheduler('over', 0)
  const life = { isOver: false }
  let came = false
  void scheduler
    .arrive({ kind: 'statement', whose: 'acme', label: 'select', delay: 10, of: life })
    .then(() => (came = true))
  life.isOver = true
  t.equal(await scheduler.until(() => came, 1_000), false)
  t.notOk(came)
})
