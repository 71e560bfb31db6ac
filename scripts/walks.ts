import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'
import { openTestCluster } from './test/cluster.ts'

// npm run walks. Random walks of people over two nodes, against a model of who reaches what (test/walks).
//
//   npm run walks -- --runs 10000            as many as that, in two processes
//   npm run walks -- --runs 500 --seed 7     the same ones again

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Math.trunc(Date.now() / 1000)) },
    workers: { type: 'string', default: '2' },
  },
})
const program = fileURLToPath(new URL('../test/walks/main.ts', import.meta.url))
const workers = Number(values.workers)
const runs = Math.ceil(Number(values.runs) / workers)
const started = Date.now()

await using cluster = await openTestCluster()
const codes = await Promise.all(
  Array.from({ length: workers }, async (_, worker) => {
    const args = [program, String(runs), String(Number(values.seed) + worker)]
    const env = { ...process.env, ...cluster.env }
    const [code] = (await once(spawn(process.execPath, args, { stdio: 'inherit', env }), 'exit')) as [
      number | null,
    ]
    return code
  }),
)
const failed = codes.filter((code) => code !== 0).length
const minutes = ((Date.now() - started) / 60_000).toFixed(1)
console.log(
  `${runs * workers} walks from seed ${values.seed} in ${minutes} min, ${failed} of ${workers} processes failed`,
)
process.exitCode = failed === 0 ? 0 : 1
