import { parseArgs } from 'node:util'
import { accept } from './accept.ts'
import { sweepClusters } from './cluster.ts'
import { federated } from './federated.ts'
import { isolation } from './isolation.ts'
import type { Bench, Options } from './options.ts'

// npm run bench -- <name>: the product measured against a bare floor that runs beside it.

const benches: Readonly<Record<string, Bench>> = { accept, federated, isolation }

const usage = [
  'npm run bench -- <name> [--seconds 6] [--rounds 5] [--json FILE] [--profile]',
  ...Object.entries(benches).map(([name, { summary }]) => `  ${name.padEnd(10)}  ${summary}`),
  '  --profile   says where the time of the product goes, in place of comparing it',
].join('\n')

process.exitCode = await run(process.argv.slice(2))

async function run(args: string[]): Promise<number> {
  const { name, options } = read(args)
  const bench = name === undefined ? undefined : benches[name]
  if (!bench || !options) {
    console.error(name === undefined || bench ? usage : `There is no benchmark "${name}".\n${usage}`)
    return 2
  }
  if (process.platform !== 'linux') {
    console.error('The benchmarks read processor time from /proc, which only Linux has.')
    return 2
  }
  await sweepClusters()
  const stack = new AsyncDisposableStack()
  let ending: Promise<void> | undefined
  const end = async (): Promise<void> => await (ending ??= stack.disposeAsync())
  let isInterrupted = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      isInterrupted = true
      void end()
    })
  }
  try {
    return (await bench.run(options, stack)) === false ? 1 : 0
  } catch (error) {
    // What was under way breaks off when the servers go.
    if (!isInterrupted) throw error
    return 130
  } finally {
    await end()
  }
}

function read(args: string[]): { name: string | undefined; options: Options | undefined } {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        seconds: { type: 'string', default: '6' },
        rounds: { type: 'string', default: '5' },
        json: { type: 'string' },
        profile: { type: 'boolean', default: false },
      },
    })
    const { json, profile } = values
    const options = { seconds: positive(values.seconds), rounds: positive(values.rounds), json, profile }
    return { name: positionals[0], options }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return { name: undefined, options: undefined }
  }
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`"${text}" is not a positive number.`)
  return value
}
