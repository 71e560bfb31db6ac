import t from 'tap'
import type { ContentOf } from '#schema/event/types.ts'
import type { NodeId, NodeSender, UserId } from '#schema/ids.ts'
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
  initech,
  joins,
  jti,
  mallory,
  type Wish,
  write,
  writeAll,
} from './log-fixtures.ts'
import { ask, crowded, group, many, shared, somebody, thread } from './rules-fixtures.ts'

// Who comes and goes: companies, invitations, members and their roles.

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
