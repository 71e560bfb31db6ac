import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createTestDatabase } from '../helpers/database.ts'

// parley keys, on a node that does not run: the command works on its database and its key file.

type Outcome = { code: number | null; out: string; complaint: string }

async function parley(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Outcome> {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, ['scripts/parley.mjs', ...args], { env: { PATH, HOME, ...env } })
  let [out, complaint] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, out, complaint }
}

t.test(
  'KEY-13: an install has keys of its own, and its operator is shown them and begins a rotation',
  async (t) => {
    await using database = await createTestDatabase()
    await using other = await createTestDatabase()
    const settings = (url: string, PARLEY_DATA: string): NodeJS.ProcessEnv => ({
      DATABASE_URL: url,
      PARLEY_DATA,
      PARLEY_NODE_ID: 'acme.localhost',
    })
    const directory = t.testdir({})
    const env = settings(database.url, directory)
    const first = await parley(['keys'], env)
    t.equal(first.code, 0, first.complaint)
    const [, words] = /^Fingerprint: +((?:\d{5} ){11}\d{5})$/m.exec(first.out) ?? []
    t.ok(words)
    t.match(first.out, /^[\w-]{43} {2}active$/m)
    t.match(first.out, /RECOVERY-take-this-off-the-machine\.txt\. Take it off this machine/)
    const elsewhere = await parley(['keys'], settings(other.url, join(directory, 'other')))
    t.notMatch(elsewhere.out, words, 'no two installs have the same')

    const rotated = await parley(['keys', 'rotate'], env)
    t.equal(rotated.code, 0, rotated.complaint)
    t.match(
      rotated.out,
      /A new key is published: [\w-]{43}\.\nFrom .* UTC on everything is signed with it\.\nAt .* UTC the old key is taken away/,
    )
    rmSync(join(directory, 'keys', 'RECOVERY-take-this-off-the-machine.txt'))
    const after = await parley(['keys'], env)
    t.match(after.out, words, 'the fingerprint is that of the genesis')
    t.match(after.out, /^[\w-]{43} {2}published, used from /m)
    t.match(after.out, /^ {2}2 {2}rotate/m)
    t.notMatch(after.out, /RECOVERY/)
    const again = await parley(['keys', 'rotate'], env)
    t.equal(again.code, 2)
    t.match(again.complaint, /A rotation is under way\.\nIt ends at .* UTC/)
  },
)
