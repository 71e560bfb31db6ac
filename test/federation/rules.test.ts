import t from 'tap'
import type { EventType } from '#schema/event/types.ts'
import type { NodeSender, SpaceId, UserId } from '#schema/ids.ts'
import { fold, judge } from '#federation/judge.ts'
import { type Audience, noAudience } from '#federation/reach.ts'
import { digestState } from '#federation/state.ts'
import { bob, globex } from './fixtures.ts'
import {
  acmeItself,
  adam,
  alice,
  anna,
  begin,
  eventOf,
  groupId,
  mallory,
  says,
  type Wish,
  write,
  writeAll,
} from './log-fixtures.ts'
import { ask, askGenesis, group, many, one, shared, thread, two } from './rules-fixtures.ts'

// What is particular about each type, beyond the tables of rules-matrix.test.ts. Who comes and goes stands in
// rules-people.test.ts.

t.test('[E20] a genesis names users of its host only, each once, its starter among them', async (t) => {
  t.equal(askGenesis({}), 'yes')
  t.equal(askGenesis({ recipients: { users: [alice, bob], groups: [] } }), 'not-a-member')
  t.equal(askGenesis({ recipients: { users: [anna], groups: [] } }), 'not-a-member')
  t.equal(askGenesis({ recipients: { users: [alice, alice], groups: [] } }), 'schema')
  t.equal(askGenesis({}, { sender: bob }), 'not-a-member', 'at a host that is not the own one')
  t.equal(askGenesis({}, { sender: acmeItself }), 'no-right')
  t.equal(askGenesis({ features: ['polls'] }), 'features-missing')
  t.equal(askGenesis({ settings: { title: '\n' } }), 'schema')
  t.equal(askGenesis({ settings: { locked: 'maybe' } }), 'schema')
  t.equal(askGenesis({ settings: { locked: 'yes', 'replies-off': 'no', description: '' } }), 'yes')
})

t.test(
  '[E20] only a thread addresses groups, each once, and all by somebody who may start threads in them',
  async (t) => {
    const member = { joinSeq: 1, history: 'all' } as const
    const roles: Record<SpaceId, 'poster' | 'reader'> = { [one]: 'poster', [two]: 'reader' }
    const audience: Audience = (group, who) => {
      const role = roles[group]
      return role && who === alice ? { ...member, role } : undefined
    }
    const to = (users: UserId[], groups: SpaceId[]) => ({ recipients: { users, groups } })
    t.equal(askGenesis(to([], [one]), {}, audience), 'yes', 'the starter reaches it through the group')
    t.equal(askGenesis(to([], [one]), { sender: anna }, audience), 'not-a-member')
    t.equal(askGenesis(to([alice], [one, two]), {}, audience), 'no-right')
    const bobs: Audience = (group, who) => (who === bob ? audience(group, alice) : undefined)
    t.equal(askGenesis(to([], [one]), { sender: bob }, bobs), 'yes', 'a user of any node')
    t.equal(askGenesis(to([], [two]), { sender: bob }, bobs), 'no-right')
    t.equal(askGenesis(to([bob], [one]), { sender: bob }, bobs), 'not-a-member', 'who is named by nobody')
    t.equal(askGenesis(to([alice], [one, groupId(33)]), {}, audience), 'not-a-member')
    t.equal(askGenesis(to([alice], [one, one]), {}, audience), 'schema')
    t.equal(
      askGenesis(to([alice], [one]), {}, () => 'attested'),
      'yes',
    )
    t.equal(askGenesis({ kind: 'group', ...to([alice], [one]) }, {}, audience), 'wrong-kind')
    t.equal(askGenesis({ kind: 'dm', size: 2, ...to([alice], [one]) }, {}, audience), 'wrong-kind')
  },
)

t.test('[E20] a dm, and only a dm, has a size that holds its first users', async (t) => {
  const dm = (size: number | undefined, users: UserId[]): string =>
    askGenesis({ kind: 'dm', recipients: { users, groups: [] }, ...(size === undefined ? {} : { size }) })
  t.equal(dm(2, [alice]), 'yes')
  t.equal(dm(2, [alice, anna]), 'yes')
  t.equal(dm(2, [alice, anna, adam]), 'too-many-members')
  t.equal(dm(undefined, [alice, anna]), 'schema')
  t.equal(askGenesis({ size: 2 }), 'schema')
  t.equal(askGenesis({ kind: 'dm', size: 2, settings: { locked: 'yes' } }), 'wrong-kind')
})

t.test(
  'SUB-04 [E5] an event belongs to this space and this host, and a genesis stands at the beginning',
  async (t) => {
    t.equal(ask(shared, says('Hello')), 'yes')
    t.equal(ask(shared, { ...says('Hello'), changes: { space: group.space } }), 'schema')
    t.equal(ask(shared, { ...says('Hello'), changes: { host: globex } }), 'not-host')
    t.equal(judge(undefined, noAudience, eventOf(shared.space, 1, says('Hello'))), 'unknown-target')
  },
)

t.test('[E13] a host makes only what is its business, and only in its own space', async (t) => {
  const globexItself = `node@${globex}` as NodeSender
  const renames: Wish = { type: 'space.set', content: { key: 'title', value: 'New' } }
  t.equal(ask(shared, { ...renames, sender: acmeItself }), 'yes')
  t.equal(ask(shared, { ...renames, sender: globexItself }), 'no-right')
  t.equal(ask(shared, { type: 'member.leave', content: { user: bob }, sender: globexItself }), 'no-right')
})

t.test('[E14] a state event without its content is refused, whatever it would say', async (t) => {
  for (const type of ['member.leave', 'space.set', 'space.create'] as EventType[]) {
    const event = { ...eventOf(shared.space, 99, { type, content: {} as never }), content: undefined }
    t.equal(judge(shared.state, noAudience, event), 'schema', type)
  }
})

t.test(
  'SUB-11 [E7] a message of more bytes than anybody takes is refused by the one who writes it',
  async (t) => {
    const bells = (length: number): string => ask(shared, says('\u0007'.repeat(length) + 'x'))
    t.equal(bells(10_000), 'yes')
    t.equal(bells(11_000), 'too-large', 'six bytes each')
  },
)

t.test('[E21] a setting has a value that means something', async (t) => {
  const set = (key: 'title' | 'description' | 'locked' | 'replies-off', value: string): string =>
    ask(group, { type: 'space.set', content: { key, value } })
  t.equal(set('title', 'Launch 🚀'), 'yes')
  for (const title of ['', ' ', 'a\nb', 'a\u2028b']) t.equal(set('title', title), 'schema')
  t.equal(set('description', ''), 'yes')
  for (const key of ['locked', 'replies-off'] as const) {
    t.same(
      ['yes', 'no', 'true', ''].map((value) => set(key, value)),
      ['yes', 'yes', 'schema', 'schema'],
    )
  }
})

t.test('[E30] who adds a group belongs to it, with the right to start threads there', async (t) => {
  const add: Wish = { type: 'recipient.add', content: { group: one, history: 'all' } }
  const as =
    (role: 'poster' | 'reader'): Audience =>
    () => ({ role, joinSeq: 1, history: 'all' })
  t.equal(ask(thread, add, as('poster')), 'yes')
  t.equal(ask(thread, add, as('reader')), 'no-right')
  t.equal(ask(thread, add), 'not-found')
  t.equal(
    ask(thread, add, () => 'attested'),
    'yes',
  )
  t.equal(ask(write(thread, add), add, as('poster')), 'already-recipient')
  const eight = writeAll(
    thread,
    many(8, (n): Wish => ({ type: 'recipient.add', content: { group: groupId(40 + n), history: 'all' } })),
  )
  t.equal(ask(eight, add, as('poster')), 'too-many-members')
})

t.test(
  '[E31, T6] a group is withdrawn by an admin of the thread, as its own admins are while they reach it so',
  async (t) => {
    const both = begin({ recipients: { users: [alice, anna], groups: [one, two] } })
    const remove: Wish = { type: 'recipient.remove', content: { group: one }, sender: anna }
    const as = (role: 'admin' | 'member', joinSeq = 1): Audience => {
      return (group, who) => (group === one && who === anna ? { role, joinSeq, history: 'now' } : undefined)
    }
    t.equal(ask(both, { ...remove, sender: alice }), 'yes')
    t.equal(ask(both, remove), 'no-right')
    t.equal(ask(both, remove, as('member')), 'no-right')
    t.equal(ask(both, remove, as('admin')), 'yes')
    t.equal(ask(both, remove, as('admin', 2)), 'no-right', 'by a group whose window leaves the thread out')
    t.equal(ask(both, { ...remove, sender: alice, content: { group: groupId(33) } }), 'unknown-target')
  },
)

t.test('[E12] whoever does not reach the space writes nothing, whatever they were', async (t) => {
  t.equal(ask(shared, says('Hello', bob)), 'yes')
  t.equal(ask(shared, says('Hello', mallory)), 'not-a-member')
  const gone = write(shared, { type: 'member.remove', content: { user: bob } })
  t.equal(ask(gone, says('Hello', bob)), 'not-a-member')
})

t.test('[E33] a timeline type that nobody knows is judged as a message, and changes nothing', async (t) => {
  const note = { type: 'poll.vote' as EventType, content: {} as never }
  t.equal(ask(shared, { ...note, sender: bob }), 'yes')
  t.equal(ask(shared, { ...note, sender: mallory }), 'not-a-member')
  const reader = write(shared, { type: 'member.role', content: { user: bob, role: 'reader' } })
  t.equal(ask(reader, { ...note, sender: bob }), 'no-right')
  const before = digestState(shared.state)
  const { event, entry } = write(shared, note).placed.at(-1)!
  t.equal(digestState(fold(structuredClone(shared.state), { event, entry })), before)
  for (const type of ['space.close', 'node.move', 'member.ban', 'recipient.mute']) {
    t.equal(ask(shared, { type: type as EventType, content: {} as never }), 'features-missing', type)
  }
})
