import { appendFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg } from 'node:os'
import { median, type Sample, type SideName } from './measure.ts'
import type { Station } from './stations.ts'

// What a run says. Every figure stands beside the floor's of the same run, with one sentence on what it is; alone
// it would only tell how busy the machine was.

export type Figure = {
  readonly name: string
  /** One sentence: what it is. */
  readonly meaning: string
  readonly of: (sample: Sample) => number
  readonly unit: string
}

export const rate: Figure = {
  name: 'messages/s',
  meaning: 'messages that arrived within the window, per second',
  of: (sample) => sample.perSecond,
  unit: '/s',
}
export const p50: Figure = {
  name: 'p50',
  meaning: 'time from sending a message to its arrival, for half of them',
  of: (sample) => sample.p50Ms,
  unit: 'ms',
}
export const p99: Figure = {
  name: 'p99',
  meaning: 'the same for all but one in a hundred; on a machine with neighbours it is mostly theirs',
  of: (sample) => sample.p99Ms,
  unit: 'ms',
}
export const cpu: Figure = {
  name: 'CPU',
  meaning: 'processor time per message of all server processes, PostgreSQL included; holds on a busy machine',
  of: (sample) => sample.cpu.reduce((sum, usage) => sum + usage.node + usage.database, 0),
  unit: 'µs',
}

/** The share of one server of the pair, or of one of its two parts. */
export function cpuOf(name: string, meaning: string, of: Figure['of']): Figure {
  return { name, meaning, of, unit: 'µs' }
}

export type Comparison = { readonly floor: number; readonly parley: number; readonly ratio: number }

/** Medians of both sides, and the median of the ratios within each round. */
export function compare(samples: readonly Sample[], scenario: string, figure: Figure): Comparison {
  const valuesOf = (side: SideName): number[] =>
    samples.filter((one) => one.scenario === scenario && one.side === side).map((one) => figure.of(one))
  const floor = valuesOf('floor')
  const parley = valuesOf('parley')
  return {
    floor: median(floor),
    parley: median(parley),
    ratio: median(parley.map((value, i) => value / floor[i]!)),
  }
}

export function printScenario(
  samples: readonly Sample[],
  scenario: string,
  figures: readonly Figure[],
): void {
  console.log(`\n${scenario}`)
  const rows = figures.map((figure) => {
    const { floor, parley, ratio } = compare(samples, scenario, figure)
    const show = (value: number): string => `${number(value)} ${figure.unit}`
    return [figure.name, show(floor), show(parley), `${ratio.toFixed(2)} ×`, figure.meaning]
  })
  printTable(['', 'floor', 'parley', 'ratio', ''], rows)
  const faults = samples.reduce((sum, one) => sum + (one.scenario === scenario ? one.faults : 0), 0)
  if (faults > 0) console.log(`  ${faults} messages were refused: these figures are worth nothing.`)
}

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)))
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, i) =>
      i === 0 || i === row.length - 1 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!),
    )
    console.log(`  ${cells.join('  ')}`.trimEnd())
  }
}

/** A target of docs: how far it is, in words. */
export function printTarget(what: string, value: number, target: { goal: number; gate: number }): void {
  const isHigh = target.goal > target.gate
  const meets = (bound: number): boolean => (isHigh ? value >= bound : value <= bound)
  const sign = isHigh ? '≥' : '≤'
  const missed = meets(target.gate) ? 'holds the gate' : 'MISSES THE GATE'
  const verdict = meets(target.goal) ? 'reaches the goal' : missed
  const bounds = `goal ${sign} ${target.goal}, gate ${sign} ${target.gate}`
  console.log(`  ${what}: ${value.toFixed(2)} × – ${verdict} (${bounds})`)
}

export function printMemory(sides: Readonly<Record<SideName, readonly Station[]>>): void {
  console.log(
    '\nMemory after the load, proportional share, MiB (Node process + PostgreSQL with all its processes)',
  )
  for (const [side, stations] of Object.entries(sides)) {
    const parts = stations.map((station) => {
      const { node, database } = station.memory()
      return `${station.node} ${mebibytes(node)} + ${mebibytes(database)}`
    })
    console.log(`  ${side.padEnd(6)}  ${parts.join(', ')}`)
  }
}

export function printConditions(
  seconds: number,
  rounds: number,
  sides: readonly [string, string] = ['floor', 'parley'],
): void {
  const load = loadavg()[0]!.toFixed(1)
  console.log(
    `Medians of ${rounds} rounds of ${seconds} s per figure, ${sides.join(' and ')} in turn. ` +
      `${availableParallelism()} cores, load generator on the same; load average ${load} at the start. ` +
      'Each server has its own embedded PostgreSQL with durable settings.',
  )
}

/** Writes samples to a file, one JSON text per line. */
export function openJsonLines(path: string | undefined): (line: object) => void {
  if (path === undefined) return () => {}
  writeFileSync(path, '')
  return (line) => appendFileSync(path, `${JSON.stringify(line)}\n`)
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0)
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1)
}
