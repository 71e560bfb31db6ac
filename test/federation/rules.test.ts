import t from 'tap'
import type { ContentOf, EventType } from '#schema/event/types.ts'
import type { NodeId, NodeSender, SpaceId, UserId } from '#schema/ids.ts'
import { fold, judge } from '#federation/judge.ts'
import { type Audience, noAudience } from '#federation/reach.ts'
import { digestState, type SpaceState } from '#federation/state.ts'
import { acme, bob, globex, kidOf } from './fixtures.ts'
import {
  acmeItself,
  adam,
  alice,
  anna,
  bea,
  begin,
  bringsIn,
  carol,
  eventOf,
  genesisContent,
  groupId,
  initech,
  joins,
  jti,
  mallory,
  says,
  type TestLog,
  type Wish,
  write,
  writeAll,
} from './log-fixtures.ts'

// What is particular about each type, beyond the tables of rules-matrix.test.ts.

function ask(log: { state: SpaceState }, wish: Wish, audience: Audience = noAudience): string {
  const { state } = log
  return judge(state, audience, eventOf(state.id, 99, wish)) ?? 'yes'
}

function askGenesis(
  changes: Partial<ContentOf<'space.create'>>,
  wish: Partial<Wish<'space.create'>> = {},
  audience: Audience = noAudience,
): string {
  const content = genesisContent(changes)
  return judge(undefined, audience, eventOf(null, 1, { type: 'space.create', content, ...wish })) ?? 'yes'
}

const group = begin({ kind: 'group', recipients: { users: [alice, anna], groups: [] } })
const thread = begin()
const shared = writeAll(thread, bringsIn())
const [one, two] = [groupId(31), groupId(32)]
const many = <T>(length: number, make: (n: number) => T): T[] => Array.from({ length }, (_, n) => make(n))
const somebody = (n: number, node: NodeId = acme): UserId => {
  const digits = n.toString(26).replaceAll(/[0-9]/g, (digit) => 'qrstuvwxyz'[Number(digit)]!)
  return `u_${digits.padStart(26, '2')}@${node}` as UserId
}

/** The same state with more in it than a test would write. */
const crowded = (log: TestLog, changes: Partial<SpaceState>): { state: SpaceState } => ({
  state: { ...log.state, ...changes },
})

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

t.test(
  '[E22, E23] a company comes once, at most fifty do, and it goes when its last member has gone',
  async (t) => {
    const add = (node: NodeId): Wish => ({
      type: 'node.add',
      content: { node, op_hash: kidOf(1) },
      sender: acmeItself,
    })
    const remove = (node: NodeId): Wish => ({ type: 'node.remove', content: { node }, sender: acmeItself })
    t.equal(ask(shared, add(initech)), 'yes')
    t.equal(ask(shared, add(globex)), 'already-member')
    t.equal(ask(shared, add(acme)), 'already-member', 'the host is always there')
    const nodes = (n: number): Map<NodeId, number> => new Map(many(n, (i) => [`n${i}.example` as NodeId, i]))
    t.equal(ask(crowded(shared, { nodes: nodes(49) }), add(initech)), 'yes')
    t.equal(ask(crowded(shared, { nodes: nodes(50) }), add(initech)), 'too-many-members')
    t.equal(ask(shared, remove(globex)), 'no-right', 'bob is here')
    t.equal(ask(shared, remove(initech)), 'unknown-target')
    const gone = write(shared, { type: 'member.leave', content: { user: bob }, sender: bob })
    t.equal(ask(gone, remove(globex)), 'yes')
  },
)

t.test(
  '[E24] an invitation hands out no more than its maker has, and never the right to decide',
  async (t) => {
    const invite = (changes: Partial<ContentOf<'member.invite'>>, sender: UserId = alice): Wish => ({
      type: 'member.invite',
      content: { jti: jti(9), node: globex, role: 'poster', history: 'all', ...changes },
      sender,
    })
    t.equal(ask(group, invite({ role: 'member' })), 'yes')
    t.equal(ask(group, invite({ role: 'admin' })), 'no-right', 'those who decide belong to the host')
    t.equal(ask(group, invite({ role: 'member' }, anna)), 'yes')
    t.equal(ask(group, invite({ node: acme })), 'wrong-kind', 'colleagues are added')
    const invited = write(group, invite({}))
    t.equal(ask(invited, invite({})), 'already-invited')
    t.equal(ask(invited, invite({ jti: jti(8) })), 'yes')
    const places = new Map(
      many(4997, (i) => [somebody(i), { role: 'poster', joinSeq: 1, history: 'all' }] as const),
    )
    const members = new Map([...group.state.members, ...places])
    t.equal(ask(crowded(group, { members }), invite({})), 'yes')
    t.equal(
      ask(crowded(invited, { members }), invite({ jti: jti(8) })),
      'too-many-members',
      'one of them is invited',
    )
  },
)

t.test('[E24] a dm is for those it was begun for: who leaves frees no place', async (t) => {
  const dm = begin({ kind: 'dm', size: 2 })
  const invite = (n: number, node = globex): Wish => ({
    type: 'member.invite',
    content: { jti: jti(n), node, role: 'poster', history: 'all' },
  })
  t.equal(ask(dm, invite(1)), 'yes')
  const invited = write(dm, invite(1))
  t.equal(ask(invited, invite(2)), 'too-many-members')
  const uninvite: Wish = {
    type: 'member.uninvite',
    content: { jti: jti(1), reason: 'declined' },
    sender: acmeItself,
  }
  t.equal(ask(write(invited, uninvite), invite(2)), 'yes', 'nobody has taken that place')
  const joined = writeAll(dm, bringsIn())
  t.equal(ask(joined, invite(2, initech)), 'too-many-members')
  const left = write(joined, { type: 'member.leave', content: { user: bob }, sender: bob })
  t.equal(ask(left, invite(2, initech)), 'too-many-members')
})

t.test('[E25] people take an invitation back; what became of it otherwise, the host says', async (t) => {
  const invited = write(group, bringsIn()[0]!)
  const end = (reason: 'declined' | 'revoked' | 'expired', sender: UserId | NodeSender, n = 1): string =>
    ask(invited, { type: 'member.uninvite', content: { jti: jti(n), reason }, sender })
  t.equal(end('revoked', anna), 'yes')
  t.equal(end('declined', anna), 'no-right')
  t.equal(end('expired', alice), 'no-right')
  for (const reason of ['declined', 'revoked', 'expired'] as const) t.equal(end(reason, acmeItself), 'yes')
  t.equal(end('revoked', alice, 2), 'invite-unknown')
})

t.test('[E26] a colleague is added by a colleague, and uses up no invitation', async (t) => {
  const add = (changes: Partial<ContentOf<'member.join'>>, sender: UserId = alice): Wish => ({
    type: 'member.join',
    content: { user: adam, role: 'poster', history: 'all', ...changes },
    sender,
  })
  t.equal(ask(shared, add({})), 'yes')
  t.equal(ask(shared, add({ role: 'admin' })), 'yes')
  t.equal(ask(shared, add({ user: alice })), 'already-member')
  const withMember = write(shared, { type: 'member.role', content: { user: bob, role: 'member' } })
  t.equal(ask(withMember, add({}, bob)), 'no-right', 'bob of globex asks acme instead')
  t.equal(ask(group, add({ role: 'admin' }, anna)), 'no-right', 'more than anna has')
  const open = write(group, bringsIn()[0]!)
  t.equal(ask(open, add({ invite: jti(1) })), 'schema')
  t.equal(ask(open, add({ response: 'x' })), 'schema')
  const members = new Map(
    many(5000, (i) => [somebody(i), { role: 'admin', joinSeq: 1, history: 'all' }] as const),
  )
  t.equal(ask(crowded(group, { members }), add({}, somebody(0))), 'too-many-members')
})

t.test('[E26] the host adds one of its own for somebody who may, and for nobody else', async (t) => {
  const add = (changes: Partial<ContentOf<'member.join'>>, log = group): string =>
    ask(log, {
      type: 'member.join',
      content: { user: adam, role: 'poster', history: 'all', by: alice, ...changes },
      sender: acmeItself,
    })
  t.equal(add({}), 'yes')
  t.equal(add({ by: anna, role: 'member' }), 'yes')
  t.equal(add({ by: adam }), 'no-right', 'who is not in here')
  t.equal(add({ role: 'admin' }), 'no-right', 'who decides is made so by a person')
  t.equal(add({ invite: jti(1) }), 'schema')
  t.equal(add({ user: bob }), 'schema', 'somebody of another node says so themselves')
  const asPoster = write(group, { type: 'member.role', content: { user: anna, role: 'poster' } })
  t.equal(add({ by: anna }, asPoster), 'no-right', 'who has lost the right')
  const locked = write(group, { type: 'space.set', content: { key: 'locked', value: 'yes' } })
  t.equal(add({}, locked), 'no-right')
  const byHand = { user: adam, role: 'poster', history: 'all', by: alice } as const
  t.equal(ask(group, { type: 'member.join', content: byHand }), 'no-right', 'a person speaks for themself')
})

t.test('[E24] a guest hands their own place over, and no more than that', async (t) => {
  const asPoster = write(group, { type: 'member.role', content: { user: anna, role: 'poster' } })
  const move = (changes: Partial<ContentOf<'member.invite'>>, log = asPoster): string =>
    ask(log, {
      type: 'member.invite',
      content: {
        jti: jti(7),
        node: globex,
        role: 'poster',
        history: 'all',
        by: anna,
        moves: true,
        ...changes,
      },
      sender: acmeItself,
    })
  t.equal(move({}), 'yes')
  const plain: Wish<'member.invite'> = {
    type: 'member.invite',
    content: { jti: jti(7), node: globex, role: 'poster', history: 'all', by: anna },
    sender: acmeItself,
  }
  t.equal(ask(asPoster, plain), 'no-right', 'a poster invites nobody')
  t.equal(move({ role: 'member' }), 'no-right', 'more than the place is')
  t.equal(move({ by: adam }), 'no-right', 'who has no place')
  t.equal(move({ by: bob }, shared), 'no-right', 'somebody whom another node vouches for')
  const locked = write(asPoster, { type: 'space.set', content: { key: 'locked', value: 'yes' } })
  t.equal(move({}, locked), 'yes', 'nobody new comes by it')
})

t.test(
  '[E26] a user of another node joins on an open invitation to that node, with what it grants',
  async (t) => {
    const [invite, arrival, join] = bringsIn() as [Wish, Wish, Wish<'member.join'>]
    const invited = writeAll(thread, [invite, arrival])
    const joining = (changes: Partial<ContentOf<'member.join'>>): string =>
      ask(invited, { ...join, content: { ...join.content, ...changes } })
    t.equal(joining({}), 'yes')
    t.equal(joining({ role: 'member' }), 'invite-unknown')
    t.equal(joining({ history: 'now' }), 'invite-unknown')
    t.equal(joining({ user: carol }), 'invite-unknown')
    t.equal(joining({ invite: jti(2) }), 'invite-unknown')
    t.equal(ask(write(thread, invite), join), 'not-participating', 'before its company')
    t.equal(ask(shared, join), 'already-member')
    t.equal(ask(shared, joins({ user: bea })), 'invite-unknown', 'the invitation is used up')
    for (const left of ['invite', 'response'] as const) {
      const { [left]: _, ...content } = join.content
      t.equal(ask(invited, { ...join, content }), 'invite-unknown', `without ${left}`)
    }
  },
)

t.test('[E27] one leaves oneself, or by the administrator of the own node', async (t) => {
  const leave = (sender: UserId, changes: Partial<ContentOf<'member.leave'>> = {}): string =>
    ask(shared, { type: 'member.leave', content: { user: bob, ...changes }, sender })
  t.equal(leave(bob), 'yes')
  t.equal(leave(bea), 'no-right')
  t.equal(leave(bea, { reason: 'administrator' }), 'yes', 'who is no member here')
  t.equal(leave(alice, { reason: 'administrator' }), 'no-right', 'of another node')
  t.equal(leave(mallory, { user: mallory }), 'not-a-member')
  t.equal(leave(carol), 'no-right', 'a stranger does not learn whether bob is here')
  t.equal(leave(carol, { user: mallory }), 'no-right')
})

t.test('[E27-E29] a group keeps an admin, a thread need not', async (t) => {
  const leave: Wish = { type: 'member.leave', content: { user: alice } }
  const remove: Wish = { type: 'member.remove', content: { user: alice } }
  const demote: Wish = { type: 'member.role', content: { user: alice, role: 'member' } }
  for (const wish of [leave, remove, demote, { ...remove, sender: acmeItself }]) {
    t.equal(ask(group, wish), 'last-admin', wish.type)
    t.equal(ask(shared, wish), 'yes', wish.type)
  }
  const two = write(group, { type: 'member.role', content: { user: anna, role: 'admin' } })
  for (const wish of [leave, remove, demote]) t.equal(ask(two, wish), 'yes', wish.type)
  t.equal(
    ask(group, { type: 'member.role', content: { user: alice, role: 'admin' } }),
    'yes',
    'nothing changes',
  )
})

t.test('[E28] somebody who is not there cannot be removed', async (t) => {
  t.equal(ask(shared, { type: 'member.remove', content: { user: bea } }), 'unknown-target')
  t.equal(ask(shared, { type: 'member.remove', content: { user: bob } }), 'yes')
})

t.test('[E29] those who decide belong to the company that hosts', async (t) => {
  const make = (user: UserId, role: 'admin' | 'member'): Wish => ({
    type: 'member.role',
    content: { user, role },
  })
  t.equal(ask(shared, make(bob, 'member')), 'yes')
  t.equal(ask(shared, make(bob, 'admin')), 'no-right')
  t.equal(ask(shared, make(bea, 'member')), 'unknown-target')
  t.equal(ask(group, make(anna, 'admin')), 'yes')
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
