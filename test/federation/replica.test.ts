import t from 'tap'
import type { SpaceId } from '#schema/ids.ts'
import { buildEntry, readEntry } from '#federation/chain.ts'
import { receive, type Incoming } from '#federation/replica.ts'
import { digestState } from '#federation/state.ts'
import { bob, globex, kidOf } from './fixtures.ts'
import {
  batchOf,
  begin,
  bringsIn,
  evidenceOf,
  groupId,
  replicaOf,
  says,
  type TestLog,
  type Wish,
  write,
  writeAll,
} from './log-fixtures.ts'
import { follow, judge, say, shared, standing } from './replica-fixtures.ts'

// What a follower makes of a batch: whose it is, what it is in itself, and how it goes on from what is held.

t.test('SUB-01 JOI-01 [R1-R9] a log is followed from its genesis on', async (t) => {
  const verdict = follow(shared, 0)
  if (verdict.do !== 'apply') throw new Error(say(verdict))
  t.equal(digestState(verdict.state), digestState(shared.state))
  t.same(verdict.head, shared.head)
  t.same(
    verdict.judged.map(({ standing, digest }) => [standing, digest]),
    shared.placed.map(({ digest }) => ['verified', digest]),
  )
})

t.test('[R1] only the host speaks for a log', async (t) => {
  t.equal(say(follow(shared, 4, { replica: { host: globex } })), 'refuse not-host/checkpoint')
})

t.test('[R2] the checkpoint is over the last entry of the batch', async (t) => {
  const batch = batchOf(shared, 5)
  const saying = (changes: object): string =>
    say(judge(shared, 4, { ...batch, checkpoint: { ...batch.checkpoint, ...changes } }))
  t.equal(saying({}), 'apply')
  t.equal(saying({ seq: 6 }), 'refuse schema/checkpoint')
  t.equal(saying({ seq: 8 }), 'refuse schema/checkpoint')
  t.equal(saying({ hash: kidOf(1) }), 'refuse schema/checkpoint')
  t.equal(saying({ epoch: 2 }), 'refuse schema/checkpoint')
  t.equal(saying({ space: groupId(1) }), 'refuse schema/checkpoint')
  t.equal(say(judge(shared, 4, { ...batch, entries: [] })), 'refuse schema/empty')
})

/** The batch with one entry rewritten, and nothing else. */
function rewritten(log: TestLog, from: number, seq: number, change: (text: string) => string) {
  const batch = batchOf(log, from)
  const entries = batch.entries.map((incoming): Incoming => {
    if (incoming.entry.body.seq !== seq) return incoming
    const read = readEntry(change(incoming.entry.text))
    return read.ok ? { ...incoming, entry: read.value } : incoming
  })
  return { ...batch, entries }
}

t.test(
  'SEQ-04 [R2, R3] an entry changed by one byte is refused, wherever it stands, and is no evidence',
  async (t) => {
    for (const seq of [5, 6, 7]) {
      const { text } = shared.placed[seq - 1]!.entry
      let tried = 0
      for (let at = 0; at < text.length; at++) {
        const flip = (old: string) => old.slice(0, at) + (old[at] === '1' ? '2' : '1') + old.slice(at + 1)
        if (!readEntry(flip(text)).ok) continue
        const verdict = judge(shared, 4, rewritten(shared, 5, seq, flip))
        if (verdict.do !== 'refuse') t.fail(`${say(verdict)} at ${at} of ${seq}`)
        tried++
      }
      t.ok(tried > 100, `${tried} bytes of entry ${seq}`)
    }
  },
)

t.test('SEQ-12 EQV-04 [R3, L4] another epoch without a handover is refused', async (t) => {
  for (const epoch of [2, 3]) {
    const grown = write(shared, { ...says('Four'), body: { epoch } })
    t.equal(say(follow(grown, 7)), 'refuse schema/epoch')
  }
  const later = { ...replicaOf(shared, 6), head: { ...replicaOf(shared, 6).head, epoch: 2 } }
  t.equal(say(judge(shared, 6, batchOf(shared, 7), { replica: later })), 'refuse schema/epoch')
})

t.test('[R3] the entries of a batch belong to the space and follow each other', async (t) => {
  const batch = batchOf(shared, 5)
  const [five, six, seven] = batch.entries as [Incoming, Incoming, Incoming]
  t.equal(say(judge(shared, 4, { ...batch, entries: [five, seven] })), 'refuse schema/chain')
  t.equal(say(judge(shared, 4, { ...batch, entries: [six, five, seven] })), 'refuse schema/chain')
  t.equal(say(judge(shared, 4, { ...batch, entries: [five, five, six, seven] })), 'refuse schema/chain')
  const elsewhere = write(shared, { ...says('Four'), body: { space: groupId(1) } })
  t.equal(say(follow(elsewhere, 7)), 'refuse schema/entry-space')
})

const other = writeAll(begin(), [...bringsIn(), says('One'), says('Another two', bob), says('Another three')])

t.test('[R4] a whole batch that says something else than what we hold is a fork', async (t) => {
  t.equal(say(follow(shared, 7, { from: 5 })), 'ignore')
  t.equal(say(judge(shared, 7, batchOf(other, 5))), 'fork', 'at positions that we hold')
  t.equal(say(judge(shared, 6, batchOf(other, 5))), 'fork', 'and beyond them')
  t.equal(say(judge(shared, 6, batchOf(other, 7))), 'fork', 'behind our head')
  t.equal(say(judge(shared, 6, batchOf(other, 6, 6))), 'fork', 'at our head')
  t.equal(say(judge(shared, 6, batchOf(other, 4, 5))), 'ignore', 'where both are the same')
  const unknown = { knownHash: () => undefined }
  t.equal(
    say(judge(shared, 6, batchOf(other, 6, 6), { evidence: unknown })),
    'fork',
    'the head needs no look-up',
  )
})

t.test('[R4] a batch that is broken in itself is no evidence, whatever it contradicts', async (t) => {
  const [, six, seven] = batchOf(shared, 5).entries as [Incoming, Incoming, Incoming]
  const forged = { ...six, entry: buildEntry({ ...six.entry.body, prev: kidOf(1) }) }
  const { checkpoint } = batchOf(shared, 5)
  t.equal(say(judge(shared, 5, { entries: [forged, seven], checkpoint })), 'refuse schema/chain')
})

t.test('GAP-01 [R5] entries beyond the next one are not applied', async (t) => {
  t.equal(say(follow(shared, 2, { from: 7 })), 'fetch')
  t.equal(say(follow(shared, 2, { from: 4 })), 'fetch')
  t.equal(say(follow(shared, 2, { from: 3 })), 'apply')
  t.equal(say(follow(shared, 0, { from: 2 })), 'fetch')
})

t.test(
  'FAN-04 [R4, R5] overlapping, repeated and reordered batches lead to one state and one head',
  async (t) => {
    let seed = 42
    const random = (below: number): number => (seed = (seed * 16807) % 2147483647) % below
    for (let run = 0; run < 200; run++) {
      let replica = replicaOf(shared, 0)
      while (replica.head.seq < shared.head.seq) {
        const from = 1 + random(7)
        const to = from + random(8 - from)
        const verdict = receive(replica, batchOf(shared, from, to), evidenceOf(shared, replica.head.seq))
        if (verdict.do === 'apply') replica = { ...replica, head: verdict.head, state: verdict.state }
        else if (verdict.do !== (from > replica.head.seq ? 'fetch' : 'ignore')) t.fail(say(verdict))
        const { seq } = replica.head
        if (seq > 0 && digestState(replica.state!) !== shared.placed[seq - 1]!.digest)
          t.fail(`state at ${seq}`)
      }
    }
    t.pass()
  },
)

t.test('JOI-04 [R6] a log begins with the genesis that its id names', async (t) => {
  const { space: id, placed } = shared
  const elsewhere = groupId(5)
  const entry = buildEntry({ ...placed[0]!.entry.body, space: elsewhere })
  const batch = batchOf(shared, 1, 1)
  const claim = { space: elsewhere, hash: entry.hash }
  const entries = [{ entry, wire: placed[0]!.wire }]
  const checkpoint = { ...batch.checkpoint, ...claim }
  t.equal(
    say(judge(shared, 0, { entries, checkpoint }, { replica: { space: elsewhere } })),
    'refuse schema/genesis',
  )
  const message = write({ ...shared, placed: [], head: replicaOf(shared, 0).head }, says('First'))
  t.equal(say(judge(message, 0, batchOf(message, 1))), 'refuse schema/genesis')
  t.equal(standing(shared, beginAgain(null)), 'freeze event-type/event', 'a second one')
  t.equal(standing(shared, beginAgain(id)), 'freeze schema/event')
})

function beginAgain(space: SpaceId | null): Wish {
  const { content } = begin({ settings: { title: 'Again' } }).placed[0]!.event
  return { type: 'space.create', content: content as never, changes: { space } }
}

t.test('[R6] what lies beside an entry is the event that it names', async (t) => {
  const batch = batchOf(shared, 5)
  const wire = shared.placed[5]!.wire
  const entries = batch.entries.map((incoming, i) => (i === 0 ? { ...incoming, wire } : incoming))
  t.equal(say(judge(shared, 4, { ...batch, entries })), 'refuse content-mismatch/event')
})
