import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { keyPairFromSeed } from '#federation/keys.ts'
import { readMoment } from '#server/cli/times.ts'
import { type Outcome, parley as runParley } from '../helpers/command.ts'
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

/** As a node that has noticed that its database is an older one; null: it knows everything again. */
async function putBack(url: string, reason: string | null): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(
    `insert into incarnation (id, place, tick, probe, recovering_since, reason) values ('', '', 0, '', 0, $1)
     on conflict (one) do update set reason = excluded.reason`,
    [reason],
  )
  await client.end()
}

/** With what is piped into it. */
async function parley(args: readonly string[], env: NodeJS.ProcessEnv, input = ''): Promise<Outcome> {
  return await runParley(args, env, ({ stdin }) => stdin?.end(input))
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

t.test('keys that cannot be changed say why, and are what they were', async (t) => {
  await using database = await createTestDatabase()
  const directory = t.testdir({})
  const env = settings(database.url, directory)
  const file = join(directory, 'keys', 'node.json')
  const recover = async (key: string, ...more: string[]) =>
    await parley(['keys', 'recover', '--since', '2026-01-01', ...more], env, key)
  const [anyKey, retirement] = [someSeed(), 'acme.localhost\n']
  for (const [what, input] of [
    ['recover', anyKey],
    ['retire', retirement],
    ['check', anyKey],
  ] as const) {
    const outcome = await parley(
      ['keys', what, ...(what === 'recover' ? ['--since', '2026-01-01'] : [])],
      env,
      input,
    )
    t.match(outcome, { code: 2, complaint: /has no key history yet\.\nStart it once/ }, what)
  }
  t.notOk(existsSync(file), 'nobody has made keys for it')

  await parley(['keys'], env)
  await parley(['keys', 'rotate'], env)
  const { key } = recoveryFiles(directory)[0]!
  await putBack(database.url, 'restored')
  t.match(await recover(key), { code: 2, complaint: /was put back from a backup/ })
  await putBack(database.url, null)
  t.match((await parley(['keys'], env)).out, /^ {2}2 {2}rotate[^\n]*\n(?! {2}3)/m)
  renameSync(file, `${file}.away`)
  t.match(await parley(['keys', 'check'], env, key), {
    code: 1,
    complaint: /The key of this node is missing/,
  })
  t.notOk(existsSync(file), 'no other is made in its place')
  renameSync(`${file}.away`, file)

  const known = replaceSeeds(directory, (seeds) => seeds)
  t.equal(known.length, 2, 'the one that is used, and the one that was published')
  t.equal((await recover(key, '--keep', '1')).code, 0)
  const [fresh] = replaceSeeds(directory, (seeds) => seeds)
  t.notOk(known.includes(fresh!), 'a key of an operation that is cut off is not used again')
  t.equal((await parley(['keys', 'retire'], env, retirement)).code, 0)
  const { key: next } = recoveryFiles(directory)[0]!
  t.match(await recover(next), { code: 2, complaint: /has retired; its keys change no more/ })
})

t.test('a moment is given with its zone, or as a day', async (t) => {
  t.equal(readMoment('2026-11-20'), Date.UTC(2026, 10, 20) / 1000)
  t.equal(readMoment('2026-11-20T15:30+01:00'), Date.UTC(2026, 10, 20, 14, 30) / 1000)
  t.equal(readMoment('2026-11-20 14:30 UTC'), Date.UTC(2026, 10, 20, 14, 30) / 1000, 'as it is printed')
  for (const text of ['yesterday', '2026-11-20T15:30', '2026-13-01', '1795000000'])
    t.throws(() => readMoment(text), { message: /is not a time/ }, text)
})
