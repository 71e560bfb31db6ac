import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { keyPairFromSeed } from '#federation/keys.ts'
import { readMoment } from '#server/cli/times.ts'
import { createTestDatabase } from '../helpers/database.ts'

// parley keys, on a node that does not run: the command works on its database and its key file.

const settings = (url: string, PARLEY_DATA: string): NodeJS.ProcessEnv => ({
  DATABASE_URL: url,
  PARLEY_DATA,
  PARLEY_NODE_ID: 'acme.localhost',
})

const firstFile = 'RECOVERY-take-this-off-the-machine.txt'

/** The recovery keys that lie on the machine, as files with their texts. */
function recoveryFiles(directory: string): { name: string; text: string; key: string }[] {
  const keys = join(directory, 'keys')
  return readdirSync(keys)
    .filter((name) => name.startsWith('RECOVERY'))
    .map((name) => {
      const text = readFileSync(join(keys, name), 'utf8')
      return { name, text, key: /^Key: +(\S+)$/m.exec(text)![1]! }
    })
}

/** Puts other signing keys into the key file; tells of those that were in it. */
function replaceSeeds(directory: string, change: (seeds: readonly string[]) => readonly string[]): string[] {
  const path = join(directory, 'keys', 'node.json')
  const kept = JSON.parse(readFileSync(path, 'utf8')) as { seeds: string[] }
  writeFileSync(path, JSON.stringify({ ...kept, seeds: change(kept.seeds) }))
  return kept.seeds
}

const someSeed = (): string => randomBytes(32).toString('base64url')

type Outcome = { code: number | null; out: string; complaint: string }

async function parley(args: readonly string[], env: NodeJS.ProcessEnv, input = ''): Promise<Outcome> {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, ['scripts/parley.mjs', ...args], { env: { PATH, HOME, ...env } })
  child.stdin.end(input)
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

t.test(
  'a node whose key was stolen, or lost, gets new ones by its recovery key, which no process list shows',
  async (t) => {
    await using database = await createTestDatabase()
    const directory = t.testdir({})
    const env = settings(database.url, directory)
    const before = await parley(['keys'], env)
    const old = /^([\w-]{43}) {2}active$/m.exec(before.out)![1]!
    const [first] = recoveryFiles(directory)
    const since = new Date(Date.now() - 3_600_000).toISOString().slice(0, 16)
    const run = async (input: string, ...more: string[]) =>
      await parley(['keys', 'recover', '--since', `${since}Z`, ...more], env, input)
    t.match(await run('hunter2'), { code: 2, complaint: /That is not a recovery key/ })
    t.match(await run(Buffer.alloc(32, 7).toString('base64url')), {
      code: 2,
      complaint: /no recovery key of this node/,
    })
    for (const count of ['0', '2']) {
      const other = await run(first!.key, '--keep', count)
      t.match(other, { code: 2, complaint: /There are not that many/ }, count)
    }
    t.match(await parley(['keys', 'recover', '--since', '2100-01-01'], env, first!.key), {
      code: 2,
      complaint: /That lies in the future/,
    })
    t.strictSame(recoveryFiles(directory), [first], 'nothing has changed')

    // As when the machine died before the history had it.
    const made = someSeed()
    replaceSeeds(directory, (seeds) => [...seeds, made])
    const recovered = await run(first!.text)
    t.equal(recovered.code, 0, recovered.complaint)
    const { kid } = keyPairFromSeed(Buffer.from(made, 'base64url')).key
    const words = 'The keys of acme.localhost are replaced. The new one is'
    t.ok(recovered.out.startsWith(`${words} ${kid}.`), 'a key that was made and never used is used')
    t.strictSame(
      replaceSeeds(directory, (seeds) => seeds),
      [made],
      'the stolen one is gone',
    )
    const [next, ...others] = recoveryFiles(directory)
    t.strictSame(others, [])
    t.not(next!.name, firstFile)
    t.match(recovered.out, next!.name)
    const after = await parley(['keys'], env)
    t.match(after.out, new RegExp(`^${old} {2}ended by operation 2$`, 'm'))
    t.match(after.out, /^[\w-]{43} {2}active$/m)
    t.match(after.out, /^ {2}2 {2}recover/m)
    t.notMatch(
      readFileSync(join(directory, 'keys', 'node.json'), 'utf8'),
      next!.key,
      'it is in its file alone',
    )
    t.match(await run(first!.key), { code: 2, complaint: /none any more/ }, 'each is good once')

    rmSync(join(directory, 'keys'), { recursive: true })
    t.match(await run(first!.key), { code: 2, complaint: /none any more/ })
    t.match(
      await parley(['keys'], env),
      { code: 1, complaint: /The key of this node is missing/ },
      'the wrong key has made none',
    )
    t.equal((await run(next!.key)).code, 0, 'all keys are lost')
    const again = await parley(['keys'], env)
    t.match(again.out, /^ {2}3 {2}recover/m)
    t.equal(recoveryFiles(directory).length, 1)
  },
)

t.test(
  'a node is closed for good by typing its domain, with an active key or the recovery key',
  async (t) => {
    await using database = await createTestDatabase()
    const directory = t.testdir({})
    const env = settings(database.url, directory)
    await parley(['keys'], env)
    const { key } = recoveryFiles(directory)[0]!
    const run = async (input: string, ...more: string[]) =>
      await parley(['keys', 'retire', ...more], env, input)
    t.match(await run('acme\n'), { code: 2, complaint: /That is not "acme\.localhost"\. Nothing was done/ })
    t.match(await run(`acme.localhost\n${Buffer.alloc(32, 7).toString('base64url')}\n`, '--recovery-key'), {
      code: 2,
      complaint: /no recovery key of this node/,
    })
    const [real] = replaceSeeds(directory, () => [someSeed()])
    t.match(await run('acme.localhost\n'), { code: 2, complaint: /No signing key of this node/ })
    const file = join(directory, 'keys', 'node.json')
    renameSync(file, `${file}.away`)
    t.match(await run('acme.localhost\n'), { code: 1, complaint: /The key of this node is missing/ })
    const closed = await run(`acme.localhost\n${key}\n`, '--recovery-key')
    renameSync(`${file}.away`, file)
    replaceSeeds(directory, () => [real!])
    t.equal(closed.code, 0, closed.complaint)
    t.match(closed.out, /acme\.localhost has closed for good/)
    t.match(await parley(['keys'], env), { code: 0, out: /which has retired[^]*^ {2}2 {2}retire/m })
    t.match(await run('acme.localhost\n'), { code: 2, complaint: /retired already/ })
    t.match(await parley(['keys', 'rotate'], env), { code: 2, complaint: /has retired/ })

    await using other = await createTestDatabase()
    const itsDirectory = join(directory, 'other')
    const itsOwn = settings(other.url, itsDirectory)
    await parley(['keys'], itsOwn)
    replaceSeeds(itsDirectory, (seeds) => [someSeed(), ...seeds])
    t.match(await parley(['keys', 'retire'], itsOwn, 'acme.localhost\n'), { code: 0, complaint: '' })
  },
)

t.test(
  'who has written the recovery key down can make sure of it, and then it leaves the machine',
  async (t) => {
    await using database = await createTestDatabase()
    const directory = t.testdir({})
    const env = settings(database.url, directory)
    await parley(['keys'], env)
    const first = recoveryFiles(directory)[0]!
    const run = async (input: string, ...more: string[]) =>
      await parley(['keys', 'check', ...more], env, input)
    // A slip in one character.
    const slip = `${first.key.slice(0, 20)}${first.key[20] === 'a' ? 'b' : 'a'}${first.key.slice(21)}`
    t.match(await run(slip, '--delete-file'), { code: 2, complaint: /That is no recovery key of acme/ })
    t.match(await run(`  ${first.key}\n`), {
      code: 0,
      out: /That is a recovery key of acme[^]*still lies at .*RECOVERY/,
    })
    t.strictSame(recoveryFiles(directory), [first])
    t.match(await run(first.key, '--delete-file'), { code: 0, out: /It is no more at/ })
    t.strictSame(recoveryFiles(directory), [])
    t.match(
      await run(first.key),
      { code: 0, out: /^That is a recovery key of acme\.localhost\.\n$/ },
      'and none of it was kept',
    )
    t.equal((await parley(['keys', 'rotate'], env)).code, 0)
    t.equal((await parley(['keys', 'recover', '--since', '2026-01-01'], env, first.key)).code, 0)
    t.match(await run(first.key), { code: 2, complaint: /Operation 3 of its history has replaced it/ })
    const { key } = recoveryFiles(directory)[0]!
    t.match(await run(key), { code: 0 })
  },
)

t.test('a moment is given with its zone, or as a day', async (t) => {
  t.equal(readMoment('2026-11-20'), Date.UTC(2026, 10, 20) / 1000)
  t.equal(readMoment('2026-11-20T15:30+01:00'), Date.UTC(2026, 10, 20, 14, 30) / 1000)
  t.equal(readMoment('2026-11-20 14:30 UTC'), Date.UTC(2026, 10, 20, 14, 30) / 1000, 'as it is printed')
  for (const text of ['yesterday', '2026-11-20T15:30', '2026-13-01', '1795000000'])
    t.throws(() => readMoment(text), { message: /is not a time/ }, text)
})
