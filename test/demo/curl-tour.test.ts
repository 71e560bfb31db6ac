import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { openDemoHome } from '../helpers/demo.ts'

// The documentation's promise: the lines work as printed. They are taken out of the document and run.

t.test('the curl tour works as it is printed, against a demo that has just started', async (t) => {
  await using home = await openDemoHome()
  await home.start()
  const ports = Object.values(home.nodes()).map((settings) => settings['PARLEY_PORT'])
  const [acme, globex] = ports
  const script = linesOf('docs/curl-tour.md')
    .replace('acme.localhost:4000', `acme.localhost:${acme}`)
    .replace('globex.localhost:4001', `globex.localhost:${globex}`)

  // The two streams would be watched for a minute.
  const output = await run(`${script}\nkill $(jobs -p); wait 2>/dev/null; true`)
  const count = (text: string): number => output.split(text).length - 1

  t.equal(count('"state":"accepted"'), 2, 'what Alice writes is in the log at once')
  t.equal(count('"state":"queued"'), 1, 'what Bob writes waits for the host')
  t.equal(count('"text":"Hello from Acme"'), 2, 'both streams show what Alice wrote')
  t.equal(count('"text":"Hello from Globex"'), 2, 'both streams show what Bob wrote')
  t.equal(count('"type":"ended"'), 1, "Bob's stream ends")
  t.match(
    output.trimEnd().split('\n').at(-1),
    /"urn:parley:problem:not-found".* 404$/,
    'and his next read is refused',
  )
})

function linesOf(document: string): string {
  const text = readFileSync(document, 'utf8')
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, lines]) => lines).join('')
}

async function run(script: string): Promise<string> {
  const shell = spawn('bash', ['-euc', script], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString('latin1')))
  }
  await new Promise((resolve) => shell.once('close', resolve))
  return output
}
