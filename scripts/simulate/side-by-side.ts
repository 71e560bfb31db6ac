import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

// Several processes, each with its share of the seeds, as one run: what they say is said, what they count is added up.

export type Totals = { passed: number; failed: number; readonly reached: Map<string, number> }

const count = /^ *(\d+) {2}(.+)$/
const sum = /^(\d+) passed, (\d+) failed$/

/** `shares`: the command line of each process. One that ends without its sum is a failure. */
export async function runSideBySide(
  script: string,
  shares: readonly string[][],
  url: string,
): Promise<Totals> {
  const totals: Totals = { passed: 0, failed: 0, reached: new Map() }
  await Promise.all(shares.map(async (args) => await runOne(script, args, url, totals)))
  return totals
}

async function runOne(script: string, args: string[], url: string, totals: Totals): Promise<void> {
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, TEST_DATABASE_URL: url },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let isSummed = false
  for await (const line of createInterface({ input: child.stdout })) {
    const [, times, what] = count.exec(line) ?? []
    const [, passed, failed] = sum.exec(line) ?? []
    if (what !== undefined) totals.reached.set(what, (totals.reached.get(what) ?? 0) + Number(times))
    else if (passed === undefined) console.log(line)
    else {
      isSummed = true
      totals.passed += Number(passed)
      totals.failed += Number(failed)
    }
  }
  if (!isSummed) totals.failed++
}

/** The seeds from one to another in equal parts. */
export function shareOf(from: number, to: number, jobs: number): string[] {
  const each = Math.ceil((to - from + 1) / jobs)
  return Array.from({ length: jobs }, (_, i) => [from + i * each, Math.min(to, from + (i + 1) * each - 1)])
    .filter(([a, b]) => a! <= b!)
    .map(([a, b]) => `${a}..${b}`)
}
