import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Decision, readDecisions, writeDecisions } from '../test/simulation/decisions.ts'
import { type Ground, openGround } from '../test/simulation/ground.ts'
import { type Options, type Report, runHistory } from '../test/simulation/history.ts'
import { openMonitor } from '../test/simulation/monitor.ts'
import { enoughHistories, mustReach, mustReachAfter } from '../test/simulation/reachability.ts'
import { lineOf, tellFaults } from '../test/simulation/report.ts'
import { bugs, recordedTries } from '../test/simulation/zoo/bugs.ts'
import { findBug } from '../test/simulation/zoo/hunt.ts'
import { runSideBySide, shareOf, type Totals } from './simulate/side-by-side.ts'
import { openTestCluster } from './test/cluster.ts'

// Whole nodes under faults, one history a seed.
//
//   npm run simulate -- --seeds 1..100       one line a history; what fails is kept and can be replayed
//                       --jobs 2             in two processes
//                       --epilogue               in some of them days go by after the verdict, or a host tells two stories
//   npm run simulate -- --seeds 7 --twice    the same history twice has to be the same, gate by gate
//   npm run simulate -- --replay FILE        a kept history, by its decisions
//   npm run simulate -- --zoo [--bug NAME]   hunts the planted bugs, --seeds A..B at the most
//                       --recorded               from the seed on that is recorded with each, and not far

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1..20' },
    steps: { type: 'string', default: '120' },
    replay: { type: 'string' },
    zoo: { type: 'boolean', default: false },
    bug: { type: 'string' },
    finds: { type: 'string', default: '1' },
    recorded: { type: 'boolean', default: false },
    twice: { type: 'boolean', default: false },
    epilogue: { type: 'boolean', default: false },
    out: { type: 'string', default: tmpdir() },
    jobs: { type: 'string', default: '1' },
    part: { type: 'boolean', default: false },
  },
})

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interruption.abort())

process.exitCode = (await main()) ? 0 : 1
// Nodes that have crashed leave timers behind.
setTimeout(() => process.exit(), 500).unref()

async function main(): Promise<boolean> {
  await using cluster = await openTestCluster()
  const template = cluster.env.PARLEY_TEST_DATABASE
  if (Number(values.jobs) > 1) return await exploreSideBySide(template, Number(values.jobs))
  await using monitor = await openMonitor(template)
  await using ground = await openGround(template, monitor)
  if (values.replay !== undefined) return await replay(ground, values.replay)
  return values.zoo || values.bug !== undefined ? await hunt(ground) : await explore(ground)
}

function* seeds(): Generator<number> {
  const [from, to = from] = values.seeds.split('..').map(Number)
  yield* seedsFrom(from!, to! - from! + 1)
}

function* seedsFrom(from: number, count: number): Generator<number> {
  for (let i = 0; i < count && !interruption.signal.aborted; i++) yield from + i
}

function optionsOf(seed: number): Options {
  const options = { seed, steps: Number(values.steps) }
  return values.epilogue ? { ...options, epilogue: true } : options
}

async function explore(ground: Ground): Promise<boolean> {
  console.log(`commit ${commit()}, seeds ${values.seeds}, ${values.steps} steps each`)
  const began = performance.now()
  const totals: Totals = { passed: 0, failed: 0, reached: new Map() }
  for (const seed of seeds()) {
    const report = await runHistory(ground, optionsOf(seed))
    const isSame = !values.twice || (await isRepeated(ground, report))
    console.log(lineOf(report))
    for (const [what, times] of report.reached)
      totals.reached.set(what, (totals.reached.get(what) ?? 0) + times)
    if (report.faults.length === 0 && isSame) {
      totals.passed++
      continue
    }
    totals.failed++
    console.log(tellFaults(report))
    console.log(`kept: npm run simulate -- --replay ${keep(report)}`)
  }
  const minutes = (performance.now() - began) / 60_000
  console.log(`${((totals.passed + totals.failed) / minutes).toFixed(1)} histories a minute`)
  return conclude(totals)
}

async function exploreSideBySide(url: string, jobs: number): Promise<boolean> {
  const [from, to = from] = values.seeds.split('..').map(Number)
  const shares = shareOf(from!, to!, jobs).map((seeds) => [
    '--seeds',
    seeds,
    '--steps',
    values.steps,
    '--out',
    values.out,
    '--part',
    ...(values.epilogue ? ['--epilogue'] : []),
  ])
  return conclude(await runSideBySide(import.meta.filename, shares, url))
}

/** What was never reached is a failure of a run that was long enough to reach it. */
function conclude({ passed, failed, reached }: Totals): boolean {
  const asked: readonly string[] = values.epilogue ? [...mustReach, ...mustReachAfter] : mustReach
  for (const what of asked) console.log(`${String(reached.get(what) ?? 0).padStart(8)}  ${what}`)
  const missing = asked.filter((what) => !reached.has(what) || reached.get(what) === 0)
  if (missing.length > 0) console.log(`never reached: ${missing.join(', ')}`)
  const isLong = !values.part && passed + failed >= enoughHistories
  const failures = failed + (isLong ? missing.length : 0)
  console.log(`${passed} passed, ${failures} failed`)
  return failures === 0
}

async function isRepeated(ground: Ground, { options, hash, decisions }: Report): Promise<boolean> {
  const again = await runHistory(ground, options)
  if (again.hash === hash) return true
  const at = decisions.findIndex((decision, i) => decision.join() !== again.decisions[i]?.join())
  console.log(`seed ${options.seed} is not the same twice from decision ${at} on:`)
  for (const history of [decisions, again.decisions])
    console.log(
      history
        .slice(Math.max(0, at - 3), at + 3)
        .map((one) => `  ${one.join(' ')}`)
        .join('\n'),
    )
  return false
}

function keep({ options, decisions }: Report): string {
  const path = join(values.out, `parley-history-${options.zoo ?? 'seed'}-${options.seed}.jsonl`)
  writeDecisions(path, { options, decisions })
  return path
}

async function replay(ground: Ground, path: string): Promise<boolean> {
  const { options, decisions } = readDecisions<Options>(path)
  const report = await runWith(ground, options, decisions)
  console.log(lineOf(report))
  console.log(tellFaults(report))
  const { divergedAt } = report
  if (divergedAt !== undefined) console.log(`it went another way from decision ${divergedAt} on`)
  return report.faults.length === 0
}

async function runWith(ground: Ground, options: Options, decisions: readonly Decision[]): Promise<Report> {
  const { plant } = await import('../test/simulation/zoo/plant.ts')
  const bug = bugs.find(({ name }) => name === options.zoo)
  return await runHistory(ground, options, { replay: decisions, ...(bug && { product: await plant(bug) }) })
}

async function hunt(ground: Ground): Promise<boolean> {
  const [steps, enough] = [Number(values.steps), Number(values.finds)]
  const missed: string[] = []
  let found = 0
  for (const bug of bugs) {
    if ((values.bug !== undefined && bug.name !== values.bug) || interruption.signal.aborted) continue
    const where = values.recorded ? seedsFrom(bug.shownBy, recordedTries) : seeds()
    const reports = await findBug(ground, bug, { seeds: where, steps, enough })
    for (const report of reports)
      console.log(
        `${bug.name}: found by seed ${report.options.seed}, kept: ${keep(report)}\n${tellFaults(report)}`,
      )
    if (reports.length > 0) found++
    else missed.push(bug.name)
  }
  for (const name of missed) console.log(`${name}: not found${values.recorded ? howToRecord(name) : ''}`)
  console.log(`${found} passed, ${missed.length} failed`)
  return missed.length === 0
}

function howToRecord(name: string): string {
  return `. Another way of asking the database moves every history: if \`npm run simulate -- --bug ${name} --seeds 1..200 --steps ${values.steps}\` finds it, record that seed in bugs.ts. If not, the simulation has gone blind there.`
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown'
  }
}
