import { hash as digestOf } from 'node:crypto'
import t from 'tap'
import { copyState, digestState, hasOtherMemberOf, type SpaceState } from '#federation/state.ts'
import { fold } from '#federation/judge.ts'
import { bob, globex, kidOf } from './fixtures.ts'
import {
  acmeItself,
  alice,
  anna,
  bea,
  begin,
  bringsIn,
  groupId,
  initech,
  jti,
  position,
  says,
  type Wish,
  write,
  writeAll,
} from './log-fixtures.ts'

const [one, two] = [groupId(31), groupId(32)]
const started = begin({ recipients: { users: [alice, anna], groups: [one] }, settings: { title: 'Café ☕' } })
const sha256 = (text: string): string => digestOf('sha256', text, 'base64url')

/** The digest as SPEC says it, from lines in any order. */
const digestOfLines = (...lines: string[]): string =>
  sha256(
    `parley-state/1\n${lines
      .map((line) => `${line}\n`)
      .toSorted()
      .join('')}`,
  )

t.test('[T1] a genesis makes its users members, its starter admin, and addresses its groups', async (t) => {
  const { state, space, placed } = started
  t.match(state, {
    id: space,
    kind: 'thread',
    starter: alice,
    epoch: 1,
    stateSeq: 1,
    stateHash: placed[0]!.entry.hash,
  })
  t.same(
    [...state.members],
    [
      [alice, { role: 'admin', joinSeq: 1, history: 'all' }],
      [anna, { role: 'member', joinSeq: 1, history: 'all' }],
    ],
  )
  t.same([...state.groups], [[one, { addSeq: 1, history: 'all', anchorSeq: 1 }]])
  t.same([...state.settings], [['title', 'Café ☕']])
  t.equal(state.invites.size + state.nodes.size, 0)
})

t.test('[T2] each state event changes what it says, and a message changes nothing', async (t) => {
  let log = started
  const became = (
    wish: Wish,
    look: (state: SpaceState) => unknown,
    expected: (seq: number) => unknown,
  ): void => {
    const before = digestState(log.state)
    log = write(log, says('In between'))
    t.equal(digestState(log.state), before)
    log = write(log, wish)
    const { seq, hash } = log.head
    t.same(look(log.state), expected(seq), wish.type)
    t.not(digestState(log.state), before, `${wish.type} shows in the digest`)
    t.same([log.state.stateSeq, log.state.stateHash], [seq, hash])
  }
  const [invite, arrival, join] = bringsIn() as [Wish, Wish, Wish]
  const title: Wish = { type: 'space.set', content: { key: 'title', value: 'New' } }
  became(
    title,
    (s) => s.settings.get('title'),
    () => 'New',
  )
  became(
    { type: 'recipient.add', content: { group: two, history: 'now' }, body: { anchor: [position(two, 5)] } },
    (s) => s.groups.get(two),
    (addSeq) => ({ addSeq, history: 'now', anchorSeq: 5 }),
  )
  became(
    { type: 'recipient.remove', content: { group: one } },
    (s) => [...s.groups.keys()],
    () => [two],
  )
  became(
    invite,
    (s) => s.invites.get(jti(1)),
    () => ({ node: globex, role: 'poster', history: 'all' }),
  )
  became(
    arrival,
    (s) => [...s.nodes],
    (seq) => [[globex, seq]],
  )
  became(
    join,
    (s) => [s.members.get(bob), s.invites.size],
    (joinSeq) => [{ role: 'poster', joinSeq, history: 'all' }, 0],
  )
  const { joinSeq } = log.state.members.get(bob)!
  became(
    { type: 'member.role', content: { user: bob, role: 'member' } },
    (s) => s.members.get(bob),
    () => ({ role: 'member', joinSeq, history: 'all' }),
  )
  became(
    { type: 'member.leave', content: { user: bob }, sender: bob },
    (s) => [...s.members.keys()],
    () => [alice, anna],
  )
  became(
    { type: 'node.remove', content: { node: globex }, sender: acmeItself },
    (s) => s.nodes.size,
    () => 0,
  )
  const again = bringsIn({ jti: 2 })[0]!
  became(
    again,
    (s) => s.invites.has(jti(2)),
    () => true,
  )
  const uninvite: Wish = { type: 'member.uninvite', content: { jti: jti(2), reason: 'revoked' } }
  became(
    uninvite,
    (s) => s.invites.size,
    () => 0,
  )
  became(
    { type: 'member.remove', content: { user: anna } },
    (s) => [...s.members.keys()],
    () => [alice],
  )
})

t.test('[T3] the digest is over lines of what this log says, sorted by their bytes', async (t) => {
  const log = writeAll(started, [
    ...bringsIn(),
    bringsIn({ user: bea, jti: 2 })[0]!,
    { type: 'recipient.add', content: { group: two, history: 'since:7' } },
  ])
  t.equal(
    digestState(log.state),
    digestOfLines(
      `p\t${alice}\tadmin\t1\tall`,
      `p\t${anna}\tmember\t1\tall`,
      `p\t${bob}\tposter\t4\tall`,
      `i\t${jti(2)}\t${globex}`,
      `g\t${one}\t1\tall`,
      `g\t${two}\t6\tsince:7`,
      `n\t${globex}\t3`,
      `s\ttitle\t${sha256('Café ☕')}`,
    ),
  )
})

t.test('[T3] equal states have equal digests, whatever the order in which they came about', async (t) => {
  const { state } = writeAll(started, bringsIn())
  const reversed = <K, V>(map: ReadonlyMap<K, V>): Map<K, V> => new Map([...map].toReversed())
  const other: SpaceState = {
    ...state,
    members: reversed(state.members),
    settings: reversed(state.settings),
    groups: reversed(state.groups),
  }
  t.equal(digestState(other), digestState(state))
})

t.test('[T3] every part of a line counts', async (t) => {
  const { state } = write(writeAll(started, bringsIn()), bringsIn({ jti: 2 })[0]!)
  const seen = new Set([digestState(state)])
  const changes: ((copy: SpaceState) => unknown)[] = [
    (s) => s.members.set(bob, { ...s.members.get(bob)!, role: 'reader' }),
    (s) => s.members.set(bob, { ...s.members.get(bob)!, joinSeq: 9 }),
    (s) => s.members.set(bob, { ...s.members.get(bob)!, history: 'now' }),
    (s) => s.members.delete(bob),
    (s) => s.invites.clear(),
    (s) => s.invites.set(jti(2), { ...s.invites.get(jti(2))!, node: initech }),
    (s) => s.groups.set(one, { ...s.groups.get(one)!, addSeq: 9 }),
    (s) => s.groups.set(one, { ...s.groups.get(one)!, history: 'now' }),
    (s) => s.groups.clear(),
    (s) => s.nodes.set(globex, 9),
    (s) => s.nodes.clear(),
    (s) => s.settings.set('title', 'Cafe ☕'),
    (s) => s.settings.clear(),
  ]
  for (const change of changes) {
    const copy = copyState(state)
    change(copy)
    seen.add(digestState(copy))
  }
  t.equal(seen.size, changes.length + 1)
})

t.test('[T2] rules run on a copy: what it becomes never shows in the original', async (t) => {
  const log = write(writeAll(started, bringsIn()), bringsIn({ jti: 2 })[0]!)
  const before = digestState(log.state)
  for (const wish of [
    { type: 'member.remove', content: { user: bob } },
    { type: 'member.uninvite', content: { jti: jti(2), reason: 'revoked' } },
    { type: 'recipient.remove', content: { group: one } },
    { type: 'space.set', content: { key: 'locked', value: 'yes' } },
    { type: 'node.add', content: { node: initech, op_hash: kidOf(1) } },
  ] as Wish[]) {
    const { event, entry } = write(log, wish).placed.at(-1)!
    fold(copyState(log.state), { event, entry })
    t.equal(digestState(log.state), before, wish.type)
  }
})

t.test('[E23] a company has other members, or has none', async (t) => {
  const { state } = writeAll(started, bringsIn())
  t.equal(hasOtherMemberOf(state, globex), true)
  t.equal(hasOtherMemberOf(state, globex, bob), false)
  t.equal(hasOtherMemberOf(state, 'lobex.example' as never), false, 'the end of a name is not the name')
})
