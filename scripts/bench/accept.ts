import type { Order } from './load/order.ts'
import { interleave, type SideName, type Work } from './measure.ts'
import type { Bench } from './options.ts'
import { openProfile } from './profile.ts'
import {
  compare,
  cpu,
  cpuOf,
  openJsonLines,
  p50,
  p99,
  printConditions,
  printMemory,
  printScenario,
  printTarget,
  rate,
} from './report.ts'
import { createSpaces, floorPeople, floorSpaces, type Person, signUp } from './setting.ts'
import { startFloors, startProducts, type Station } from './stations.ts'

// Accepting messages on one node: from the request to the answer that the message is in the log, on disk. The
// messages are shown to people who watch, as they always are.

const node = 'acme.localhost'
const peopleInOne = 8
const peopleInSixteen = 2
const warmUpMs = 1_000

const hot = 'One space, 32 messages under way, 8 people watching'
const spread = 'Sixteen spaces, 64 messages under way, 2 people watching all of them'
const lone = 'One message under way, nobody watching'

export const accept: Bench = {
  summary: 'messages accepted on one node, against the floor: CPU per message, rate, time to accept',
  async run({ seconds, rounds, json, profile }, stack) {
    if (profile) return await profileProduct(seconds, stack)
    printConditions(seconds, rounds)
    const note = openJsonLines(json)
    const [floor] = await startFloors(stack, [node])
    const [parley] = await startProducts(stack, [node])
    const works = [
      ...(await worksOf('floor', floor!, seconds)),
      ...(await worksOf('parley', parley!, seconds)),
    ]
    const samples = await interleave(works, rounds, note)
    for (const scenario of [hot, spread]) printScenario(samples, scenario, [cpu, ...parts, rate, p50, p99])
    printScenario(samples, lone, [p50, p99])
    console.log('\nTargets')
    printTarget('CPU per message, one space', compare(samples, hot, cpu).ratio, { goal: 1.6, gate: 2.5 })
    printTarget('CPU per message, sixteen', compare(samples, spread, cpu).ratio, { goal: 1.6, gate: 2.5 })
    printTarget('time to accept a lone message', compare(samples, lone, p50).ratio, { goal: 1.3, gate: 1.8 })
    const hotToSpread = compare(samples, hot, rate).parley / compare(samples, spread, rate).parley
    printTarget('rate of one space to that of sixteen', hotToSpread, { goal: 0.9, gate: 0.75 })
    printMemory({ floor: [floor!], parley: [parley!] })
  },
}

const parts = [
  cpuOf('– Node', 'of that, the Node process', ({ cpu }) => cpu[0]!.node),
  cpuOf('– PostgreSQL', 'of that, PostgreSQL with all its processes', ({ cpu }) => cpu[0]!.database),
]

async function worksOf(side: SideName, station: Station, seconds: number): Promise<Work[]> {
  const people = side === 'floor' ? floorPeople(peopleInOne) : await signUp(station, peopleInOne)
  const few = people.slice(0, peopleInSixteen)
  const spacesOf = async (members: readonly Person[], count: number): Promise<string[]> =>
    side === 'floor' ? await floorSpaces(station, count) : await createSpaces(station, members, count)
  const one = await spacesOf(people, 1)
  const sixteen = await spacesOf(few, 16)
  const { origin } = station
  const base = { origin, warmUpMs, windowMs: seconds * 1000, until: 'accepted' } as const
  const all = people.map((person) => person.token)
  const two = few.map((person) => person.token)
  const work = (scenario: string, order: Order): Work => ({ scenario, side, stations: [station], order })
  return [
    work(hot, { ...base, spaces: one, tokens: all, inFlight: 32, watch: { origin, tokens: all } }),
    work(spread, { ...base, spaces: sixteen, tokens: two, inFlight: 64, watch: { origin, tokens: two } }),
    work(lone, { ...base, spaces: one, tokens: all, inFlight: 1, windowMs: (seconds * 1000) / 2 }),
  ]
}

/** Says where the product's own time goes in one hot space. The profiler takes its share, so there is no ratio. */
async function profileProduct(seconds: number, stack: AsyncDisposableStack): Promise<void> {
  const profile = openProfile(stack)
  const [parley] = await startProducts(stack, [node], profile.options)
  const [work] = await worksOf('parley', parley!, seconds)
  const [sample] = await interleave([work!], 1, () => {})
  await profile.print([parley!], sample!)
}
