import type { Order } from './load/order.ts'
import { interleave, median, type SideName, type Work } from './measure.ts'
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
import {
  createSpaces,
  floorPeople,
  floorSpaces,
  followFloor,
  introduce,
  type Person,
  shareSpaces,
  signUp,
} from './setting.ts'
import { startFloors, startProducts, type Station } from './stations.ts'
import { verifyMicroseconds } from './verify.ts'

// Messages that people of one company write in spaces of their own node, until somebody of the other company sees
// them on theirs: accepted, pushed, checked, applied and shown.

const nodes = ['acme.localhost', 'globex.localhost'] as const
const writersMax = 4
const warmUpMs = 1_000

const hot = 'One shared space, 64 events under way'
const spread = 'Sixteen shared spaces, 64 events under way'
const lone = 'One event under way'

export const federated: Bench = {
  summary:
    'messages from one node to another, against the floor: events/s, CPU of both nodes, time to be seen',
  async run({ seconds, rounds, json, profile }, stack) {
    if (profile) return await profileProducts(seconds, stack)
    printConditions(seconds, rounds)
    const note = openJsonLines(json)
    const floors = await startFloors(stack, nodes)
    const products = await startProducts(stack, nodes)
    const works = [
      ...(await worksOf('floor', floors, seconds)),
      ...(await worksOf('parley', products, seconds)),
    ]
    const verifies = [verifyMicroseconds()]
    const samples = await interleave(works, rounds, (sample) => {
      note(sample)
      if (sample.scenario === lone) verifies.push(verifyMicroseconds())
    })
    for (const scenario of [hot, spread]) {
      printScenario(samples, scenario, [rate, cpu, ...parts, p50, p99])
    }
    printScenario(samples, lone, [p50, p99])
    console.log('\nTargets')
    const verify = median(verifies)
    for (const scenario of [hot, spread]) {
      console.log(`  ${scenario}`)
      printTarget('  events/s', compare(samples, scenario, rate).ratio, { goal: 0.65, gate: 0.4 })
      const receiver = compare(samples, scenario, receiving).parley / verify
      printTarget(`  CPU at the receiver to an Ed25519 verify of ${verify.toFixed(0)} µs`, receiver, {
        goal: 1,
        gate: 1.5,
      })
    }
    printMemory({ floor: floors, parley: products })
  },
}

const receiving = cpuOf('– receiver', 'of that, the following node and its PostgreSQL', ({ cpu }) =>
  cpu[1] ? cpu[1].node + cpu[1].database : Number.NaN,
)
const parts = [
  cpuOf('– host, Node', 'of that, the Node process of the host', ({ cpu }) => cpu[0]!.node),
  cpuOf('– host, PostgreSQL', "of that, the host's PostgreSQL", ({ cpu }) => cpu[0]!.database),
  receiving,
  cpuOf('  – Node', 'of that, its Node process', ({ cpu }) => cpu[1]!.node),
  cpuOf('  – PostgreSQL', 'of that, its PostgreSQL', ({ cpu }) => cpu[1]!.database),
]

type Shared = {
  readonly spaces: { readonly one: readonly string[]; readonly sixteen: readonly string[] }
  readonly writers: readonly Person[]
  readonly reader: Person
}

async function worksOf(side: SideName, stations: readonly Station[], seconds: number): Promise<Work[]> {
  const [host, follower] = stations as [Station, Station]
  const { spaces, writers, reader } =
    side === 'floor' ? await shareFloors(host, follower) : await shareProducts(host, follower)
  const base = {
    origin: host.origin,
    tokens: writers.map((person) => person.token),
    watch: { origin: follower.origin, tokens: [reader.token] },
    until: 'seen',
    warmUpMs,
    windowMs: seconds * 1000,
  } as const
  const work = (scenario: string, order: Order): Work => ({ scenario, side, stations, order })
  return [
    work(hot, { ...base, spaces: spaces.one, inFlight: 64 }),
    work(spread, { ...base, spaces: spaces.sixteen, inFlight: 64 }),
    work(lone, { ...base, spaces: spaces.one, inFlight: 1, windowMs: (seconds * 1000) / 2 }),
  ]
}

async function shareFloors(host: Station, follower: Station): Promise<Shared> {
  const one = await floorSpaces(host, 1)
  const sixteen = await floorSpaces(host, 16)
  await followFloor(follower, host, [...one, ...sixteen])
  const writers = floorPeople(writersMax)
  return { spaces: { one, sixteen }, writers, reader: writers[0]! }
}

async function shareProducts(host: Station, follower: Station): Promise<Shared> {
  const writers = await signUp(host, writersMax)
  const [reader] = (await signUp(follower, 1)) as [Person]
  const seats = [
    { station: host, person: writers[0]! },
    { station: follower, person: reader },
  ] as const
  await introduce(...seats)
  const one = await createSpaces(host, writers, 1)
  const sixteen = await createSpaces(host, writers, 16)
  await shareSpaces(...seats, [...one, ...sixteen])
  return { spaces: { one, sixteen }, writers, reader }
}

/** Says where the time of both nodes goes in one hot space. */
async function profileProducts(seconds: number, stack: AsyncDisposableStack): Promise<void> {
  const profile = openProfile(stack)
  const products = await startProducts(stack, nodes, profile.options)
  const [work] = await worksOf('parley', products, seconds)
  const [sample] = await interleave([work!], 1, () => {})
  await profile.print(products, sample!)
}
