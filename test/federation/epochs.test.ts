import t from 'tap'
import { receive, type Verdict } from '#federation/replica.ts'
import type { Head } from '#federation/chain.ts'
import { arePositionsSound } from '#federation/positions.ts'
import { judgePast } from '#federation/past.ts'
import type { SpaceId } from '#schema/ids.ts'
import { acme } from './fixtures.ts'
import {
  acmeItself,
  alice,
  batchOf,
  begin,
  bringsIn,
  evidenceOf,
  mallory,
  replicaOf,
  says,
  type TestLog,
  type Wish,
  write,
  writeAll,
} from './log-fixtures.ts'

// What a follower makes of a log that goes on in another epoch.

const shared = writeAll(begin(), [...bringsIn(), says('One'), says('Two')])
const other = writeAll(begin(), [...bringsIn(), says('One'), says('Another two'), says('Another three')])

/** The entry that begins an epoch behind the head of a log, unless `changes` say otherwise. */
function turn(log: TestLog, epoch: number, after: Partial<Head> = {}, from: Partial<Wish> = {}): TestLog {
  const content = { incarnation: 'i', after: { ...log.head, ...after } }
  return write(log, { type: 'space.reanchor', content, sender: acmeItself, body: { epoch }, ...from })
}

const second = writeAll(turn(shared, 2), [says('In the second')])

/** What a follower of one log, who holds `held` entries of it, makes of entries of another. */
function follow(own: TestLog, held: number, log: TestLog, from = held + 1): Verdict {
  return receive(replicaOf(own, held), batchOf(log, from), evidenceOf(own, held))
}

const groupOf = (n: number): SpaceId => `s_${Buffer.alloc(32, n).toString('base64url')}` as SpaceId

const say = (verdict: Verdict): string =>
  'code' in verdict ? `${verdict.do} ${verdict.code}/${verdict.detail}` : verdict.do

t.test('[L14] who holds nothing else follows into another epoch by itself', async (t) => {
  for (const held of [0, 3, shared.head.seq]) {
    const verdict = follow(shared, held, second)
    if (verdict.do !== 'apply') throw new Error(say(verdict))
    t.match(verdict.head, { epoch: 2, seq: second.head.seq, hash: second.head.hash })
    t.equal(verdict.state.epoch, 2)
  }
  t.equal(say(follow(second, second.head.seq, second, 4)), 'ignore')
  t.equal(say(follow(second, second.head.seq - 1, second, 4)), 'apply')
  const fifth = turn(shared, 5)
  t.equal(
    say(follow(shared, shared.head.seq, fifth)),
    'apply',
    'a host may pass over numbers that it has used',
  )
})

t.test('SEQ-12 [R3, L14] what begins an epoch says so, and where', async (t) => {
  const { seq } = shared.head
  const forged: Record<string, TestLog> = {
    'another seq': turn(shared, 2, { seq: seq - 1 }),
    'another hash': turn(shared, 2, { hash: shared.placed[0]!.entry.hash }),
    'another epoch': turn(shared, 3, { epoch: 2 }),
    'the same epoch': turn(shared, 2, { epoch: 2 }),
    'no word of it': write(shared, {
      type: 'space.reanchor',
      content: { incarnation: 'i' },
      sender: acmeItself,
      body: { epoch: 2 },
    }),
  }
  for (const [name, log] of Object.entries(forged))
    t.match(say(follow(shared, seq, log)), /^refuse schema\/(?:epoch|chain)$/, name)
  // In its epoch it means nothing, and so it cannot stand there.
  t.equal(say(follow(shared, seq, turn(shared, 1))), 'freeze schema/event')
  const late = { incarnation: 'i', after: { ...second.head, epoch: 1 } }
  const again = write(second, {
    type: 'space.reanchor',
    content: late,
    sender: acmeItself,
    body: { epoch: 2 },
  })
  t.equal(say(follow(second, second.head.seq, again)), 'freeze schema/event', 'nor as if one began there')
  // Nobody but the host begins one.
  t.equal(say(follow(shared, seq, turn(shared, 2, {}, { sender: alice }))), 'freeze no-right/event')
  t.equal(say(follow(shared, seq, turn(shared, 2, {}, { sender: mallory }))), 'freeze not-a-member/event')
})

t.test('[L14] only the event of that type does, and only the one that the entry is about', async (t) => {
  const { head } = shared
  const content = { incarnation: 'i', after: head } as never
  const look = { type: 'x.acme.turn' as never, content, sender: acmeItself, body: { epoch: 2 } }
  t.equal(say(follow(shared, head.seq, write(shared, look))), 'refuse schema/epoch')
  const [theirs] = batchOf(turn(shared, 2), head.seq + 1).entries
  const bare = write(shared, {
    type: 'space.reanchor',
    content: { incarnation: 'i' },
    sender: acmeItself,
    body: { epoch: 2 },
  })
  const batch = batchOf(bare, head.seq + 1)
  const entries = batch.entries.map(({ entry }) => ({ entry, wire: theirs!.wire }))
  const holder = replicaOf(other, head.seq)
  t.equal(say(receive(holder, { ...batch, entries }, evidenceOf(other, head.seq))), 'fetch', 'says nothing')
})

t.test('SEQ-12 [R3] numbers go on by one from an entry to the next', async (t) => {
  const { seq } = shared.head
  const gapped = write(shared, { ...says('Two on'), body: { seq: seq + 2 } })
  t.equal(say(follow(other, 3, gapped, seq)), 'refuse schema/chain')
})

t.test('[R5] what begins behind the beginning of an epoch is asked for from our head on', async (t) => {
  const { seq } = second.head
  const beyond = writeAll(second, [says('More')])
  for (const [own, held, from] of [
    [shared, 3, seq],
    [shared, shared.head.seq, seq + 1],
    [other, other.head.seq, seq],
  ] as const)
    t.match(follow(own, held, beyond, from), { do: 'fetch', turn: { epoch: 2, after: { epoch: 2 } } })
  t.match(follow(shared, 3, beyond, shared.head.seq + 1), {
    do: 'fetch',
    turn: { epoch: 2, after: shared.head },
  })
  t.match(follow(shared, 3, shared, shared.head.seq), { do: 'fetch', turn: undefined })
})

t.test(
  'SUB-55 [L9] a thread leans on a newer epoch of a group from an earlier entry on, and never back',
  async (t) => {
    const group = groupOf(1)
    const at = (epoch: number, seq: number) => ({ space: group, epoch, seq, hash: shared.head.hash })
    const leans = (position: ReturnType<typeof at>, last: { epoch: number; seq: number }): boolean => {
      const { state, placed } = writeAll(shared, [says('Leaning')])
      const { event, entry } = placed.at(-1)!
      const groups = new Map([[group, { addSeq: 1, history: 'all' as const, anchorSeq: 1 }]])
      const body = { ...entry.body, via: [position] }
      return arePositionsSound({ ...state, groups }, { event, entry: { ...entry, body } }, () => last)
    }
    t.equal(leans(at(2, 4), { epoch: 2, seq: 4 }), true)
    t.equal(leans(at(2, 3), { epoch: 2, seq: 4 }), false)
    t.equal(leans(at(2, 3), { epoch: 1, seq: 4 }), true, 'the new epoch goes on from an earlier entry')
    t.equal(leans(at(1, 9), { epoch: 2, seq: 4 }), false)
  },
)

t.test('[R16] who holds another branch does not follow by itself, and convicts nobody', async (t) => {
  const verdict = follow(other, other.head.seq, second, 4)
  t.match(verdict, { do: 'turn', turn: { epoch: 2, after: shared.head } })
  t.equal(say(follow(other, other.head.seq, second, shared.head.seq + 1)), 'turn', 'beyond the point')
  const blind = evidenceOf(other, other.head.seq, { knownHash: () => undefined })
  const late = receive(replicaOf(other, other.head.seq), batchOf(turn(shared, 2), shared.head.seq + 1), blind)
  t.equal(say(late), 'turn', 'before its copy begins, too')
  // Within one epoch it is what it was.
  t.equal(say(follow(other, other.head.seq, shared, 4)), 'fork')
  const third = writeAll(turn(shared, 2), [says('Another second')])
  t.equal(say(follow(second, second.head.seq, third, 4)), 'fork')
})

t.test('SEQ-12 [R3] an epoch that is over says nothing any more', async (t) => {
  t.equal(say(follow(second, second.head.seq, other, 4)), 'refuse schema/epoch')
  t.equal(say(follow(second, second.head.seq, shared, 4)), 'ignore')
})

t.test('[H6, L14] the past may lie in several epochs', async (t) => {
  const { space, head, placed } = second
  const copy = { space, host: acme, base: head, genesis: placed[0]!.entry.hash }
  t.ok(judgePast(copy, batchOf(second, 2), { proves: () => true, isDisputed: () => false }).ok)
  const bare = writeAll(write(shared, { ...says('No turn'), body: { epoch: 2 } }), [says('On')])
  const broken = { ...copy, base: bare.head }
  t.match(judgePast(broken, batchOf(bare, 2), { proves: () => true, isDisputed: () => false }), {
    ok: false,
    code: 'schema',
    detail: 'chain',
  })
})
