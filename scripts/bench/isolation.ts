import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { type BadPeer, replaceByBadPeer, type Way, ways } from './bad-peer.ts'
import { interleave, type Sample, type Work } from './measure.ts'
import type { Bench } from './options.ts'
import {
  compare,
  cpu,
  type Figure,
  openJsonLines,
  p50,
  p99,
  printConditions,
  printTable,
  rate,
} from './report.ts'
import { createSpaces, findUser, introduce, type Person, say, shareSpaces, signUp } from './setting.ts'
import { startProducts, type Station } from './stations.ts'

// What a peer that fails costs the others (I-21). Two hosts with a healthy partner each, in turns: one is alone with it, the
// other has a second partner that has gone bad, and owes it what is written in spaces that they share. People of the first
// write there at the same pace, so what both hosts have to do by themselves is the same.

const writersMax = 4
const warmUpMs = 1_000
const troubledSpaces = 4
const troubledPerSecond = 20
/** Healthy spaces lose less than a third of their speed. */
const gate = 2 / 3

type Pair = {
  readonly stations: readonly [Station, Station]
  readonly writers: readonly Person[]
  readonly reader: Person
  readonly local: readonly string[]
  readonly shared: readonly string[]
  /** Where people go on to write for the one that has gone bad; on the other side nobody else is in them. */
  readonly troubled: readonly string[]
}

export const isolation: Bench = {
  summary: 'what a peer that is silent, slow, broken or hostile costs the spaces of others',
  async run({ seconds, rounds, json }, stack) {
    printConditions(seconds, rounds, ['alone', 'beside'])
    const note = openJsonLines(json)
    const alone = await openPair(await startProducts(stack, ['acme.localhost', 'globex.localhost']))
    const stations = await startProducts(stack, ['umbra.localhost', 'hooli.localhost', 'initech.localhost'])
    const beside = await openPair(stations)
    const bad = await spoil(beside, stations[2]!)
    stack.defer(async () => await bad.stop())
    const writing = new AbortController()
    stack.defer(() => writing.abort())
    for (const pair of [alone, beside]) void keepWriting(pair, writing.signal)
    const results: { way: Way; samples: Sample[] }[] = []
    for (const way of ways) {
      await bad.behave(way)
      const works = [...worksOf('floor', alone, seconds), ...worksOf('parley', beside, seconds)]
      const samples = await interleave(works, rounds, (sample) => {
        note({ way, ...sample })
      })
      results.push({ way, samples })
      print(way, samples)
    }
    console.log(
      `\nThe bad peer heard: ${[...bad.heard].map(([what, times]) => `${what} ${times} times`).join(', ')}`,
    )
    const missed = results.filter(({ samples }) => scenarios.some((one) => ratioOf(samples, one) < gate))
    console.log(
      missed.length === 0
        ? `Healthy spaces lose less than a third of their speed beside each of them: holds the gate (≥ ${gate.toFixed(2)} ×).`
        : `MISSES THE GATE (≥ ${gate.toFixed(2)} ×): ${missed.map(({ way }) => way).join('; ')}`,
    )
    return missed.length === 0
  },
}

const local = 'Posts of people in a space of their own'
const federated = 'Posts seen at the healthy partner'
const scenarios = [local, federated]

function worksOf(side: Sample['side'], pair: Pair, seconds: number): Work[] {
  const { stations, writers, reader } = pair
  const base = {
    origin: stations[0].origin,
    tokens: writers.map((person) => person.token),
    warmUpMs,
    windowMs: seconds * 1000,
    inFlight: 16,
  }
  const watch = { origin: stations[1].origin, tokens: [reader.token] }
  return [
    { scenario: local, side, stations, order: { ...base, spaces: pair.local, until: 'accepted' } },
    { scenario: federated, side, stations, order: { ...base, spaces: pair.shared, until: 'seen', watch } },
  ]
}

async function openPair([host, partner]: readonly Station[]): Promise<Pair> {
  const writers = await signUp(host!, writersMax)
  const [reader] = (await signUp(partner!, 1)) as [Person]
  const seats = [
    { station: host!, person: writers[0]! },
    { station: partner!, person: reader },
  ] as const
  await introduce(...seats)
  const own = await createSpaces(host!, writers, 1)
  const shared = await createSpaces(host!, writers, 4)
  const troubled = await createSpaces(host!, writers, troubledSpaces)
  await shareSpaces(...seats, shared)
  return { stations: [host!, partner!], writers, reader, local: own, shared, troubled }
}

/** A third company takes part in some spaces, and then what stands at its address is no node any more. */
async function spoil({ stations: [host], writers, troubled }: Pair, station: Station): Promise<BadPeer> {
  const [person] = (await signUp(station, 1)) as [Person]
  const seats = [
    { station: host, person: writers[0]! },
    { station, person },
  ] as const
  await introduce(...seats)
  await shareSpaces(...seats, troubled)
  const user = (await findUser(station, person)) as UserId
  const node = station.node as NodeId
  return await replaceByBadPeer(station, { node, host, space: troubled[0] as SpaceId, user })
}

async function keepWriting(
  { stations: [host], writers, troubled }: Pair,
  signal: AbortSignal,
): Promise<void> {
  for (let i = 0; !signal.aborted; i++) {
    await say(host, writers[0]!, troubled[i % troubled.length]!, `Nobody will read this: ${i}.`).catch(
      () => undefined,
    )
    await new Promise((resolve) => setTimeout(resolve, 1000 / troubledPerSecond))
  }
}

function print(way: Way, samples: readonly Sample[]): void {
  console.log(`\nBeside a peer that ${way}`)
  for (const scenario of scenarios) {
    console.log(`  ${scenario}`)
    printTable(
      ['', 'alone', 'beside', 'ratio', ''],
      [rate, cpu, p50, p99].map((figure) => rowOf(samples, scenario, figure)),
    )
    const faults = samples.reduce((sum, one) => sum + (one.scenario === scenario ? one.faults : 0), 0)
    if (faults > 0) console.log(`  ${faults} messages were refused: these figures are worth nothing.`)
  }
}

function rowOf(samples: readonly Sample[], scenario: string, figure: Figure): string[] {
  const { floor, parley, ratio } = compare(samples, scenario, figure)
  const show = (value: number): string => `${value.toFixed(value >= 100 ? 0 : 1)} ${figure.unit}`
  return [figure.name, show(floor), show(parley), `${ratio.toFixed(2)} ×`, figure.meaning]
}

function ratioOf(samples: readonly Sample[], scenario: string): number {
  return compare(samples, scenario, rate).ratio
}
