import t from 'tap'
import type { EventType } from '#schema/event/types.ts'
import type { SpaceId, UserId } from '#schema/ids.ts'
import { buildEntry, readEntry } from '#federation/chain.ts'
import { hashHeader } from '#federation/event.ts'
import { receive, type Evidence, type Incoming, type Replica, type Verdict } from '#federation/replica.ts'
import { digestState } from '#federation/state.ts'
import { bob, globex, kidOf } from './fixtures.ts'
import {
  acmeItself,
  alice,
  anna,
  batchOf,
  bea,
  begin,
  bringsIn,
  carol,
  evidenceOf,
  groupId,
  initech,
  joins,
  jti,
  mallory,
  nowMs,
  position,
  replicaOf,
  responseOf,
  says,
  type TestLog,
  type Wish,
  write,
  writeAll,
} from './log-fixtures.ts'

const shared = writeAll(begin(), [...bringsIn(), says('One'), says('Two', bob), says('Three')])

type Changes = { readonly evidence?: Partial<Evidence>; readonly replica?: Partial<Replica> }

/** What a follower that holds `held` entries makes of entries `from` to `to`. */
function follow(log: TestLog, held: number, changes: Changes & { from?: number; to?: number } = {}): Verdict {
  const batch = batchOf(log, changes.from ?? held + 1, changes.to)
  return judge(log, held, batch, changes)
}

function judge(
  log: TestLog,
  held: number,
  batch: Parameters<typeof receive>[1],
  changes: Changes = {},
): Verdict {
  const replica = { ...replicaOf(log, held), ...changes.replica }
  return receive(replica, batch, evidenceOf(log, held, changes.evidence))
}

/** A verdict in one text: `apply`, `refuse schema/chain`, `freeze no-right/event`. */
function say(verdict: Verdict): string {
  return 'code' in verdict ? `${verdict.do} ${verdict.code}/${verdict.detail}` : verdict.do
}

/** What becomes of one more entry behind `log`: `verified`, `unverified no-right`, or the verdict on the batch. */
function standing(log: TestLog, wish: Wish, changes: Changes = {}): string {
  const grown = write(log, wish)
  const verdict = follow(grown, log.head.seq, changes)
  if (verdict.do !== 'apply') return say(verdict)
  const { standing, fault } = verdict.judged.at(-1)!
  return fault ? `${standing} ${fault.code}` : standing
}

const leave = (user: UserId): Wish => ({ type: 'member.leave', content: { user }, sender: user })

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

t.test(
  '[R7, E11, E20] a thread that somebody of another node began is followed by its proof and their role',
  async (t) => {
    const group = groupId(1)
    const log = begin({ recipients: { users: [], groups: [group] } }, { sender: bob })
    const ask = (evidence: Partial<Evidence>): string => say(follow(log, 0, { evidence }))
    const member = { joinSeq: 1, history: 'all' } as const
    t.equal(ask({}), 'apply', 'on the host’s word where the group is not held')
    t.equal(ask({ audience: () => () => ({ ...member, role: 'poster' }) }), 'apply')
    t.equal(ask({ audience: () => () => ({ ...member, role: 'reader' }) }), 'freeze no-right/event')
    t.equal(ask({ audience: () => () => undefined }), 'freeze not-a-member/event')
    t.equal(ask({ proves: () => false }), 'freeze signature-invalid/event')
  },
)

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

t.test('SEQ-07 [R7, R8, E11] a message without a proof stays unseen, and the chain goes on', async (t) => {
  const none = { evidence: { proves: () => false } }
  t.equal(standing(shared, says('Forged', bob), none), 'unverified signature-invalid')
  t.equal(standing(shared, says('Ours'), none), 'verified', 'users of the host need none')
  const verdict = follow(shared, 4, none)
  t.equal(say(verdict), 'apply')
  const judged = verdict.do === 'apply' ? verdict.judged.map((each) => each.standing) : []
  t.same(judged, ['verified', 'unverified', 'verified'])
  t.equal(standing(shared, leave(bob), none), 'freeze signature-invalid/event', 'state that nobody proved')
})

t.test('[E11] a proof is made by the node of the sender, with the key that the entry names', async (t) => {
  const asked: unknown[] = []
  const proves = (...question: unknown[]): boolean => asked.push(question) > 0
  t.equal(
    standing(shared, { ...says('Hello', bob), body: { kid: kidOf(2) } }, { evidence: { proves } }),
    'verified',
  )
  const event = write(shared, says('Hello', bob)).placed.at(-1)!.event.hash
  t.same(asked, [[event, globex, kidOf(2)]])
  t.equal(standing(shared, { ...says('Hello', bob), body: { kid: null } }), 'unverified signature-invalid')
  t.equal(standing(shared, { ...says('Hello'), body: { kid: kidOf(1) } }), 'unverified signature-invalid')
})

t.test('[R8, E4-E6] a header that does not belong here is not shown as anybody’s', async (t) => {
  const changed = (changes: NonNullable<Wish['changes']>, wish = says('Hello')): string =>
    standing(shared, { ...wish, changes })
  t.equal(changed({ sender: anna, origin: globex }), 'unverified no-right')
  t.equal(changed({ host: globex }), 'unverified not-host')
  t.equal(changed({ space: groupId(1) }), 'unverified schema')
  t.equal(changed({ space: null }), 'unverified schema')
  t.equal(changed({ host: globex }, leave(bob) as never), 'freeze not-host/event')
  const old = nowMs - 73 * 60 * 60 * 1000
  t.equal(changed({ ts: old }), 'unverified event-expired')
})

t.test('[R8, E12] a rule is asked at the place of the entry, by our own state', async (t) => {
  t.equal(standing(shared, says('Hello', mallory)), 'unverified not-a-member')
  const gone = write(shared, leave(bob))
  t.equal(standing(gone, says('Hello', bob)), 'unverified not-a-member')
  t.equal(standing(gone, leave(bob)), 'freeze not-a-member/event')
  t.equal(
    standing(shared, { type: 'member.remove', content: { user: alice }, sender: bob }),
    'freeze no-right/event',
  )
  const both = writeAll(shared, [leave(bob), says('Late', bob)])
  const verdict = follow(both, 7)
  const judged = verdict.do === 'apply' ? verdict.judged.map((each) => each.standing) : []
  t.same(judged, ['verified', 'unverified'], 'in one batch too')
})

t.test('SEQ-09 [R8, E8, E33] unknown types and contents that are broken or gone are kept', async (t) => {
  const note = { type: 'x.acme.example.note' as EventType, content: { any: ['thing'] } as never }
  t.equal(standing(shared, note), 'verified')
  const broken = { ...says('Hello'), content: { text: '', fmt: 'plain', mentions: [] } } as Wish
  t.equal(standing(shared, broken), 'unreadable schema')
  const grown = write(shared, says('Hello', bob))
  const batch = batchOf(grown, 8)
  const without = batch.entries.map(({ entry, wire }) => ({
    entry,
    wire: { ...wire, salt: null, content: null },
  }))
  const kept = judge(grown, 7, { ...batch, entries: without })
  t.match(kept, { do: 'apply', judged: [{ standing: 'unreadable', fault: { code: 'content-mismatch' } }] })
  const forged = judge(grown, 7, { ...batch, entries: without }, { evidence: { proves: () => false } })
  t.match(forged, { judged: [{ standing: 'unverified' }] }, 'who wrote it comes first')
  const state = write(shared, leave(bob))
  const [incoming] = batchOf(state, 8).entries
  const empty = { ...incoming!, wire: { ...incoming!.wire, salt: null, content: null } }
  t.equal(say(judge(state, 7, { ...batchOf(state, 8), entries: [empty] })), 'freeze content-mismatch/content')
})

t.test('SEQ-11 [R7, E33] a state event that we do not know stops the space', async (t) => {
  const archive = { type: 'space.archive' as EventType, content: {} as never }
  t.equal(standing(shared, archive), 'freeze features-missing/event')
  t.match(follow(write(shared, archive), 7), { seq: 8 })
})

t.test('JOI-02 EQV-01 [R9] a checkpoint with another state than ours stops the space', async (t) => {
  const batch = batchOf(shared, 5)
  const checkpoint = { ...batch.checkpoint, state: kidOf(9) }
  t.equal(say(judge(shared, 4, { ...batch, checkpoint })), 'freeze fork/state-digest')
  const { checkpoint: older } = batchOf(shared, 1, 3)
  const late = {
    ...batchOf(shared, 4, 4),
    checkpoint: { ...batchOf(shared, 4, 4).checkpoint, state: older.state },
  }
  t.equal(say(judge(shared, 3, late)), 'freeze fork/state-digest', 'the state before the batch')
})

t.test('[R10, E10] nobody’s words are written down twice', async (t) => {
  const two = shared.placed[5]!.event
  t.equal(standing(shared, { ...says('Two', bob), event: two }), 'freeze event-id-conflict/event-twice')
  const same = { ...says('Other words', bob), changes: { id: two.header.id } }
  t.equal(standing(shared, same), 'freeze event-id-conflict/event-twice', 'nor others under their id')
  t.equal(
    standing(shared, { ...says('Hello'), changes: { id: two.header.id } }),
    'verified',
    'an id belongs to its node',
  )
  const four = write(shared, says('Four', bob))
  const twice = write(four, { ...says('Four', bob), event: four.placed.at(-1)!.event })
  t.equal(say(follow(twice, 7)), 'freeze event-id-conflict/event-twice', 'in one batch')
})

t.test('[R10] an old leaving does not end a new membership', async (t) => {
  const gone = write(shared, leave(bob))
  const back = writeAll(gone, [bringsIn({ jti: 2 })[0]!, joins({ jti: 2 })])
  t.equal(say(follow(back, 7)), 'apply')
  const replayed = gone.placed.at(-1)!.event
  t.equal(standing(back, { ...leave(bob), event: replayed }), 'freeze event-id-conflict/event-twice')
})

t.test('[R10] a header that nobody can read stops the space', async (t) => {
  const { event } = write(shared, says('Hello')).placed.at(-1)!
  const header = event.wire.header.replace('"v":1', '"v":2')
  const grown = write(shared, says('Hello'))
  const [incoming] = batchOf(grown, 8).entries
  const wire = { ...incoming!.wire, header }
  const entry = buildEntry({ ...incoming!.entry.body, event: hashHeader(header) })
  const checkpoint = { ...batchOf(grown, 8).checkpoint, hash: entry.hash }
  t.equal(say(judge(grown, 7, { entries: [{ entry, wire }], checkpoint })), 'freeze schema/header')
})

t.test('[E26] a host puts nobody into a roster by itself', async (t) => {
  const [invite, , join] = bringsIn({ user: bea, jti: 2 }) as [Wish, Wish, Wish]
  const invited = write(shared, invite)
  const saying = (changes: Parameters<typeof responseOf>[2]) => ({
    evidence: { response: (text: string) => responseOf(shared.space, text, changes) },
  })
  t.equal(standing(invited, join), 'verified')
  const unsaid = 'freeze invite-unknown/event'
  t.equal(standing(invited, join, { evidence: { response: () => undefined } }), unsaid, 'without a signature')
  t.equal(standing(invited, join, saying({ answer: 'decline' })), unsaid)
  t.equal(standing(invited, join, saying({ user: bob })), unsaid)
  t.equal(standing(invited, join, saying({ iss: initech })), unsaid)
  t.equal(standing(invited, join, saying({ aud: globex })), unsaid)
  t.equal(standing(invited, join, saying({ jti: jti(1) })), unsaid)
  t.equal(standing(invited, join, saying({ space: groupId(1) })), unsaid)
  t.equal(standing(invited, join, saying({ genesis: kidOf(1) })), unsaid)
})

t.test('[E24] an invitation is used once, so that an old answer brings nobody back', async (t) => {
  const gone = write(shared, leave(bob))
  t.equal(standing(gone, bringsIn({ jti: 1 })[0]!), 'freeze invite-unknown/event')
  t.equal(standing(gone, bringsIn({ jti: 2 })[0]!), 'verified')
  const [invite, , join] = bringsIn({ user: bea, jti: 3 }) as [Wish, Wish, Wish]
  const within = writeAll(shared, [invite, join, leave(bea), invite])
  t.equal(say(follow(within, 7)), 'freeze invite-unknown/event', 'in one batch')
})

const one = groupId(31)
const toGroup = begin({ recipients: { users: [], groups: [one] } })

/** In the group as we hold it: alice, with this role. */
const weHold = (user: UserId, role: 'admin' | 'poster' = 'poster'): Partial<Evidence> => ({
  audience:
    ({ body }) =>
    (group, who) => {
      const named = [...(body.via ?? []), ...(body.anchor ?? [])].some(({ space }) => space === group)
      return named && who === user ? { role, joinSeq: 1, history: 'all' } : undefined
    },
})

t.test('[R8, T8] who reaches a thread through a group is checked in our copy of the group', async (t) => {
  const via = { via: [position(one, 5)] }
  const evidence = weHold(alice)
  t.equal(say(follow(toGroup, 0, { evidence })), 'apply')
  t.equal(say(follow(toGroup, 0, { evidence: weHold(anna) })), 'freeze not-a-member/event')
  t.equal(standing(toGroup, { ...says('Hello'), body: via }, { evidence }), 'verified')
  t.equal(standing(toGroup, { ...says('Hello', anna), body: via }, { evidence }), 'unverified not-a-member')
  t.equal(standing(toGroup, says('Hello'), { evidence }), 'unverified not-a-member', 'without naming a route')
  t.equal(standing(toGroup, { ...says('Hello', carol), body: via }), 'verified', 'on the word of the host')
})

t.test('[L7, L8, L9] positions that cannot be are a fault of the event', async (t) => {
  const at = (seq: number): Partial<Wish> => ({ body: { via: [position(one, seq)] } })
  const five = write(toGroup, { ...says('Hello'), ...at(5) })
  t.equal(standing(five, { ...says('Again'), ...at(5) }), 'verified')
  t.equal(standing(five, { ...says('Again'), ...at(4) }), 'unverified schema')
  const back = write(five, { ...says('Again'), ...at(4) })
  const verdict = follow(back, 1)
  const judged = verdict.do === 'apply' ? verdict.judged.map((each) => each.standing) : []
  t.same(judged, ['verified', 'unverified'], 'in one batch')
  const adds: Wish = { type: 'recipient.add', content: { group: groupId(32), history: 'all' } }
  t.equal(standing(five, adds), 'verified')
  t.equal(standing(five, { ...adds, body: { anchor: [] } }), 'freeze schema/event')
  const elsewhere = { via: [position(groupId(33), 1)] }
  t.equal(standing(five, { ...says('Hello'), body: elsewhere }), 'unverified schema')
})

t.test('[L9] an entry that is not believed does not lower what the next one is held to', async (t) => {
  const at = (seq: number): Wish => ({ ...says(`At ${seq}`), body: { via: [position(one, seq)] } })
  const verdict = follow(writeAll(toGroup, [at(9), at(5), at(7), at(9)]), 1)
  const judged = verdict.do === 'apply' ? verdict.judged.map((each) => each.standing) : []
  t.same(judged, ['verified', 'unverified', 'unverified', 'verified'])
})

t.test('[R9] the state before stays as it was, whatever becomes of the batch', async (t) => {
  const replica = replicaOf(shared, 4)
  const before = digestState(replica.state!)
  const grown = writeAll(shared, [leave(bob), { type: 'space.set', content: { key: 'title', value: '!' } }])
  receive(replica, batchOf(grown, 5), evidenceOf(grown, 4))
  t.equal(digestState(replica.state!), before)
})

t.test('SUB-06 [R7] what followers would not allow, no host can write', async (t) => {
  for (const wish of [
    { type: 'member.remove', content: { user: alice }, sender: bob },
    { type: 'space.set', content: { key: 'title', value: 'Ours' }, sender: bob },
    { type: 'node.add', content: { node: initech, op_hash: kidOf(1) }, sender: bob },
    { type: 'member.role', content: { user: bob, role: 'admin' }, sender: acmeItself },
    { type: 'member.join', content: { user: carol, role: 'admin', history: 'all' }, sender: acmeItself },
  ] as Wish[]) {
    t.match(standing(shared, wish), /^freeze /, wish.type)
  }
})
