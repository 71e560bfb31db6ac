import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Sample } from './measure.ts'
import { printTable } from './report.ts'
import { printStatements, statementSettings } from './statements.ts'
import type { Station, StationOptions } from './stations.ts'

// Where the time of a Node process goes, from V8's profiler: by package or folder, by function, and for functions
// of our own with all that they call.

const checkout = fileURLToPath(new URL('../..', import.meta.url))
const intervalMicroseconds = 500

export type Profile = {
  /** What the product's servers are started with. */
  readonly options: StationOptions
  /** Stops the servers, which then say where their time went. */
  print(stations: readonly Station[], sample: Sample): Promise<void>
}

export function openProfile(stack: AsyncDisposableStack): Profile {
  const directory = mkdtempSync(join(tmpdir(), 'parley-profile-'))
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const interval = `--cpu-prof-interval=${intervalMicroseconds}`
  return {
    options: {
      execArgv: ['--cpu-prof', `--cpu-prof-dir=${directory}`, interval],
      databaseSettings: statementSettings,
    },
    async print(stations, sample) {
      console.log(
        `${sample.scenario}: ${sample.perSecond.toFixed(0)} messages/s, with the profilers running.`,
      )
      for (const [i, station] of stations.entries()) {
        const { node, database } = sample.cpu[i]!
        console.log(
          `\n# ${station.node}: ${node.toFixed(0)} µs in Node and ${database.toFixed(0)} µs in PostgreSQL`,
        )
        await printStatements(station.databaseUrl)
        // The profiler writes at the end of the process.
        const before = new Set(readdirSync(directory))
        await station.stop()
        const written = readdirSync(directory).find((name) => !before.has(name))
        if (written) printCalls(JSON.parse(readFileSync(join(directory, written), 'utf8')) as CallProfile)
      }
    },
  }
}

type CallNode = {
  readonly id: number
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly children?: readonly number[]
}
type CallProfile = {
  readonly nodes: readonly CallNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

const notWork = new Set(['(idle)', '(root)', '(program)'])
const rowsMax = 30

function printCalls(profile: CallProfile): void {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const selfOf = new Map<number, number>()
  for (const [i, id] of profile.samples.entries()) {
    selfOf.set(id, (selfOf.get(id) ?? 0) + profile.timeDeltas[i]!)
  }
  const parents = new Map(profile.nodes.flatMap((node) => (node.children ?? []).map((id) => [id, node.id])))
  const byPackage = new Map<string, number>()
  const bySelf = new Map<string, number>()
  const byTotal = new Map<string, number>()
  let busy = 0
  for (const [id, time] of selfOf) {
    const node = nodes.get(id)!
    if (notWork.has(node.callFrame.functionName)) continue
    busy += time
    add(byPackage, packageOf(node), time)
    add(bySelf, nameOf(node), time)
    const above = new Set<string>()
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const frame = nodes.get(at)!
      if (isOurs(frame)) above.add(nameOf(frame))
    }
    for (const name of above) add(byTotal, name, time)
  }
  printShares('By package or folder, own time', byPackage, busy)
  printShares('By function, own time', bySelf, busy)
  printShares(
    'Our functions, with all that they call (what follows an await is counted apart)',
    byTotal,
    busy,
  )
}

function printShares(title: string, times: ReadonlyMap<string, number>, busy: number): void {
  console.log(`\n${title}`)
  const rows = [...times]
    .toSorted((a, b) => b[1] - a[1])
    .slice(0, rowsMax)
    .map(([name, time]) => ['', `${((time / busy) * 100).toFixed(1)} %`, name])
  printTable(['', 'share', ''], rows)
}

function add(times: Map<string, number>, name: string, time: number): void {
  times.set(name, (times.get(name) ?? 0) + time)
}

function isOurs({ callFrame: { url } }: CallNode): boolean {
  return url.startsWith('file://') && !url.includes('/node_modules/')
}

function packageOf({ callFrame: { url, functionName } }: CallNode): string {
  if (functionName === '(garbage collector)') return functionName
  const library = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  if (library !== undefined) return library
  if (url.startsWith('file://')) return pathOf(url).split('/').slice(0, 2).join('/')
  return url === '' ? 'V8 built-ins' : url.split('/').slice(0, 2).join('/')
}

function nameOf(node: CallNode): string {
  const { functionName, url, lineNumber } = node.callFrame
  return `${functionName || '(anonymous)'} ${url === '' ? '' : `${pathOf(url)}:${lineNumber + 1}`}`
}

function pathOf(url: string): string {
  if (!url.startsWith('file://')) return url
  const path = fileURLToPath(url)
  return path.startsWith(checkout) ? path.slice(checkout.length) : path
}
