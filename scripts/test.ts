import { globSync, statSync } from 'node:fs'
import { openTestCluster } from './test/cluster.ts'
import { nothingRan, type Tally } from './test/tally.ts'
import { runTap } from './test/tap.ts'

// npm test. One PostgreSQL for the run, then tap, then the counts as last line.
//
//   npm test                          everything
//   npm test -- test/server           a folder, a file or a glob
//   npm test -- --bail                what begins with a dash goes to tap
//   npm run test:pure                 what needs no database
//   TEST_DATABASE_URL=… npm test      on that server instead of one of our own

const pureFolders = ['test/schema', 'test/federation']

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => interruption.abort(signal))
}

const tally = await runTests(process.argv.slice(2))
for (const remark of tally.remarks) console.log(remark)
console.log(`${tally.skipped} skipped, ${tally.todo} to do`)
console.log(`${tally.passed} passed, ${tally.failed} failed`)
// At once, so that nothing that is still closing has the last word.
process.exit(tally.failed > 0 ? tally.status || 1 : tally.status)

async function runTests(args: string[]): Promise<Tally> {
  const pure = args.includes('--pure')
  const options = args.filter((arg) => arg.startsWith('-') && arg !== '--pure')
  const names = args.filter((arg) => !arg.startsWith('-'))
  const unknown = names.find((name) => findTests([name]).length === 0)
  if (unknown) return nothingRan(`There is no test in ${unknown}.`)
  const all = pure ? pureFolders : ['test']
  const files = findTests(names.length > 0 ? names : all)
  try {
    await using cluster = pure ? undefined : await openTestCluster()
    if (interruption.signal.aborted) return nothingRan('Interrupted.')
    return await runTap({ files, options, env: cluster?.env ?? {}, signal: interruption.signal })
  } catch (error) {
    return nothingRan(error instanceof Error ? error.message : String(error))
  }
}

function findTests(names: string[]): string[] {
  const patterns = names.map((name) => (isDirectory(name) ? `${name}/**/*.test.ts` : name))
  const found = globSync(patterns).filter((path) => path.endsWith('.test.ts'))
  return found.toSorted()
}

function isDirectory(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isDirectory() ?? false
}
