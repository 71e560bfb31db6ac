import { hash as digestOf } from 'node:crypto'
import t from 'tap'
import type { EntryBody } from '#schema/wire/event.ts'
import { buildEntry, follows, hashEntry, noHash, readEntry } from '#federation/chain.ts'
import { arePositionsSound, neverNamed } from '#federation/positions.ts'
import { kidOf, take, verdict } from './fixtures.ts'
import { acmeItself, alice, begin, groupId, nowMs, position, says, write, type Wish } from './log-fixtures.ts'

const log = writeMore(begin())
function writeMore(log: ReturnType<typeof begin>): ReturnType<typeof begin> {
  return write(write(log, says('One')), says('Two'))
}
const { entry } = log.placed[2]!

const judge = (changes: Record<string, unknown>): string =>
  verdict(readEntry(JSON.stringify({ ...entry.body, ...changes })))

t.test('[L1] an entry is named by a tagged hash of its text', async (t) => {
  t.equal(hashEntry(entry.text), digestOf('sha256', `parley-entry/1\n${entry.text}`, 'base64url'))
  t.equal(entry.hash, hashEntry(entry.text))
  t.equal(noHash, Buffer.alloc(32).toString('base64url'))
})

t.test('[L2] an entry has the members of its table in their exact forms', async (t) => {
  t.equal(judge({}), 'accepted')
  t.equal(judge({ kid: kidOf(1), later: 1 }), 'accepted')
  const positions = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => position(groupId(n), n))
  t.equal(judge({ via: positions.slice(0, 8) }), 'accepted')
  const bad: Record<string, unknown[]> = {
    v: [2, undefined],
    space: ['x', null, undefined],
    epoch: [0, undefined],
    seq: [0, -1, 1.5, undefined],
    prev: ['', null, undefined],
    event: ['', undefined],
    at: [nowMs / 1000, undefined],
    kid: ['', undefined],
    via: [positions, [{ ...positions[0], seq: 0 }], null],
    anchor: [positions, [{}]],
  }
  for (const [member, values] of Object.entries(bad)) {
    for (const value of values) {
      t.match(judge({ [member]: value }), /^(?:schema|json-strict)/, `${member}: ${JSON.stringify(value)}`)
    }
  }
  t.equal(judge({ pad: 'x'.repeat(4096) }), 'too-large/entry')
  t.equal(verdict(readEntry(entry.text.replace('"v"', '"\\u0076"'))), 'schema/escape')
})

t.test('[L2] the largest entry that a host has to write fits', async (t) => {
  const eight = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => position(groupId(n), Number.MAX_SAFE_INTEGER))
  const body: EntryBody = {
    ...entry.body,
    epoch: Number.MAX_SAFE_INTEGER,
    seq: Number.MAX_SAFE_INTEGER,
    kid: kidOf(1),
    via: eight,
    anchor: eight,
  }
  t.equal(verdict(readEntry(buildEntry(body).text)), 'accepted')
})

t.test('[L1, L2] what we write, we can read, and equal entries are equal texts', async (t) => {
  for (const { entry } of log.placed) {
    const read = take(readEntry(entry.text))
    t.equal(read.hash, entry.hash)
    t.equal(buildEntry(read.body).text, entry.text)
  }
})

t.test('[L3] the next entry names the head, has the next seq and the same epoch', async (t) => {
  const [first, second, third] = log.placed.map((placed) => placed.entry)
  const head = { epoch: 1, seq: 2, hash: second!.hash }
  t.equal(follows(head, third!), true)
  t.equal(follows(head, second!), false)
  t.equal(follows({ ...head, hash: first!.hash }, third!), false)
  t.equal(follows({ ...head, seq: 1 }, third!), false)
  t.equal(follows({ ...head, epoch: 2 }, third!), false)
  t.equal(follows({ epoch: 1, seq: 0, hash: noHash }, first!), true)
})

t.test('SEQ-04 [L1] any byte changed in an entry text is another entry, or none', async (t) => {
  for (let at = 0; at < entry.text.length; at++) {
    const other = entry.text[at] === 'x' ? 'y' : 'x'
    const read = readEntry(entry.text.slice(0, at) + other + entry.text.slice(at + 1))
    if (read.ok && read.value.hash === entry.hash) t.fail(`at ${at}`)
  }
  t.pass()
})

const [one, two] = [groupId(11), groupId(12)]
const thread = begin({ recipients: { users: [alice], groups: [one] } })

/** Are the positions in this entry sound, when the log has named nothing later than `last` so far? */
function isSound(wish: Wish, body: Partial<EntryBody>, last = 1, before = thread.state): boolean {
  const placed = write(thread, { ...wish, body }).placed.at(-1)!
  return arePositionsSound(before, placed, () => ({ epoch: 1, seq: last }))
}

t.test('[L7] an entry anchors exactly the groups that it addresses anew', async (t) => {
  const adds: Wish = { type: 'recipient.add', content: { group: two, history: 'all' } }
  t.equal(isSound(adds, { anchor: [position(two, 4)] }), true)
  t.equal(isSound(adds, { anchor: [] }), false)
  t.equal(isSound(adds, { anchor: [position(one, 4)] }), false)
  t.equal(isSound(adds, { anchor: [position(two, 4), position(one, 4)] }), false)
  t.equal(isSound(adds, { anchor: [position(two, 4), position(two, 4)] }), false)
  t.equal(isSound(says('Hello'), { anchor: [position(one, 4)] }), false)
  const genesis = thread.placed[0]!
  t.equal(
    arePositionsSound(undefined, genesis, () => neverNamed),
    true,
  )
  const bare = { ...genesis, entry: buildEntry({ ...genesis.entry.body, anchor: [] }) }
  t.equal(
    arePositionsSound(undefined, bare, () => neverNamed),
    false,
  )
})

t.test(
  '[L8] an entry leans on groups that the thread addresses, each once, and never for the host itself',
  async (t) => {
    t.equal(isSound(says('Hello'), {}), true)
    t.equal(isSound(says('Hello'), { via: [position(one, 4)] }), true)
    t.equal(isSound(says('Hello'), { via: [position(two, 4)] }), false)
    t.equal(isSound(says('Hello'), { via: [position(one, 4), position(one, 5)] }), false)
    const renames: Wish = { type: 'space.set', content: { key: 'title', value: 'New' }, sender: acmeItself }
    t.equal(isSound(renames, {}), true)
    t.equal(isSound(renames, { via: [position(one, 4)] }), false)
  },
)

t.test('SUB-55 [L9] a thread never leans on an older state of a group than it did before', async (t) => {
  t.equal(isSound(says('Hello'), { via: [position(one, 4)] }, 4), true)
  t.equal(isSound(says('Hello'), { via: [position(one, 4)] }, 5), false)
  const adds: Wish = { type: 'recipient.add', content: { group: two, history: 'all' } }
  t.equal(isSound(adds, { anchor: [position(two, 4)] }, 5), false)
})
