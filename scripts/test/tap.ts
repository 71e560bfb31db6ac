import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { takeTally, type Tally } from './tally.ts'

const program = fileURLToPath(new URL('../../node_modules/.bin/tap', import.meta.url))
const lighter = fileURLToPath(new URL('lighter.ts', import.meta.url))
const compiled = fileURLToPath(new URL('../../.cache/compiled', import.meta.url))

// Whole nodes come and go in a test, and most of what they allocate is dead at once.
const nodeFlags = ['--node-arg=--max-semi-space-size=64', `--node-arg=--require=${lighter}`]

export async function runTap(run: {
  files: readonly string[]
  options: readonly string[]
  env: Readonly<Record<string, string>>
  signal: AbortSignal
}): Promise<Tally> {
  const flags = ['--reporter=tap', `--jobs=${availableParallelism() + 1}`, ...nodeFlags, ...run.options]
  const child = spawn(process.execPath, [program, 'run', ...flags, ...run.files], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Each file is a process of its own, and would compile the whole server anew.
    env: { NODE_COMPILE_CACHE: compiled, ...process.env, ...run.env },
  })
  run.signal.addEventListener('abort', () => child.kill('SIGTERM'))
  const exit = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? 1)))
  const { totals, seen } = await show(child.stdout)
  return takeTally({ totals, seen, asked: run.files, status: await exit })
}

const fileStart = /^# Subtest: .*\.test\.ts/
const fileEnd = /^(not )?ok \d+ - (\S+\.test\.ts)/
const totalsLine = /^# \{ total: /
const noise = /^(TAP version|1\.\.\d+$|# time=|# No coverage|$)/

/** Prints one line for a file that passes, and everything about one that does not. */
async function show(output: Readable): Promise<{ totals: string | undefined; seen: Set<string> }> {
  const seen = new Set<string>()
  let totals: string | undefined
  let held: string[] = []
  let holding = false
  for await (const line of createInterface({ input: output })) {
    const end = fileEnd.exec(line)
    if (fileStart.test(line)) {
      holding = true
    } else if (end) {
      if (end[1]) console.log(held.join('\n'))
      console.log(line)
      seen.add(end[2] ?? '')
      held = []
      holding = false
    } else if (holding) {
      held.push(line)
    } else if (totalsLine.test(line)) {
      totals = line
    } else if (!noise.test(line)) {
      console.log(line)
    }
  }
  return { totals, seen }
}
