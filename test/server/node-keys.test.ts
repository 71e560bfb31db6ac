import { chmodSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { keyPairFromSeed } from '#federation/keys.ts'
import { openNode } from '#server/node.ts'
import { openLogger } from '#server/ports/logger.ts'
import { openKeyFile } from '#server/ports/node-keys.ts'
import { systemRandom } from '#server/ports/random.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { testConfig, testNode } from '../helpers/node.ts'

function open(t: Test, isNew: boolean, dataDirectory = t.testdir({})) {
  return openKeyFile({ dataDirectory, node: 'acme.example', random: systemRandom, isNew })
}

t.test('a new node makes its key, and has the same one at every start', async (t) => {
  const directory = t.testdir({})
  const { key } = open(t, true, directory)
  t.equal(open(t, false, directory).key.kid, key.kid)
  const path = join(directory, 'keys', 'node.json')
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.equal(statSync(join(directory, 'keys')).mode & 0o777, 0o700)
})

t.test('of the recovery key only its commitment stays with the node', async (t) => {
  const directory = t.testdir({})
  const { recovery } = open(t, true, directory)
  const path = join(directory, 'keys', 'RECOVERY-take-this-off-the-machine.txt')
  t.equal(statSync(path).mode & 0o777, 0o600)
  const [, seed = ''] = /^Key: +([\w-]{43})$/m.exec(readFileSync(path, 'utf8')) ?? []
  t.same(recovery, [keyPairFromSeed(Buffer.from(seed, 'base64url')).key.kid])
  t.notMatch(readFileSync(join(directory, 'keys', 'node.json'), 'utf8'), seed)
  rmSync(path)
  t.same(open(t, false, directory).recovery, recovery, 'it can be taken away')
})

t.test('KEY-13: a key that stands in a document or a test is refused', async (t) => {
  const directory = t.testdir({})
  const made = open(t, true, directory)
  t.not(open(t, true).key.kid, made.key.kid, 'no two installs make the same')
  const path = join(directory, 'keys', 'node.json')
  const sample = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
  for (const seed of [Buffer.from(sample, 'hex'), Buffer.alloc(32, 7)]) {
    const stored = { v: 2, seeds: [seed.toString('base64url')], recovery: made.recovery }
    writeFileSync(path, JSON.stringify(stored), { mode: 0o600 })
    t.throws(() => open(t, false, directory), { message: /a key that everybody knows/ })
  }
})

t.test('[K4] a key that others can read is refused, with the remedy', async (t) => {
  const directory = t.testdir({})
  open(t, true, directory)
  const path = join(directory, 'keys', 'node.json')
  chmodSync(path, 0o640)
  t.throws(() => open(t, false, directory), { message: new RegExp(`mode 0640.*chmod 600 ${path}`) })
  chmodSync(path, 0o600)
  t.ok(open(t, false, directory))
})

t.test('[K4] a node with a history and without its key does not start, and makes none', async (t) => {
  const dataDirectory = t.testdir({})
  await using database = await createTestDatabase()
  const config = { ...testConfig('acme.localhost' as never), databaseUrl: database.url, dataDirectory }
  const logger = openLogger('silent')
  const first = await openNode(config, { logger })
  await first.stop()
  t.ok(await isStarting(), 'nobody has seen its key yet')

  await using node = await testNode({ config })
  await node.signUp('alice')
  t.ok(await isStarting(), 'with its key')
  rmSync(join(dataDirectory, 'keys'), { recursive: true })
  await t.rejects(openNode(config, { logger }), { message: /key of this node is missing.*from a backup/ })

  async function isStarting(): Promise<boolean> {
    const started = await openNode(config, { logger })
    await started.stop()
    return true
  }
})
