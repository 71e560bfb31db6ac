import t from 'tap'
import type { EventType } from '#schema/event/types.ts'
import type { UserId } from '#schema/ids.ts'
import { buildEntry } from '#federation/chain.ts'
import { hashHeader } from '#federation/event.ts'
import { receive, type Evidence } from '#federation/replica.ts'
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
  type Wish,
  write,
  writeAll,
} from './log-fixtures.ts'
import { follow, judge, leave, say, shared, standing } from './replica-fixtures.ts'

// What a follower makes of the events in a batch: who is believed, and what stops the space.

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
