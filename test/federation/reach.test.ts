import t from 'tap'
import { roles, type HistoryWindow, type Role } from '#schema/event/shared.ts'
import { type Audience, includesThread, isAtLeast, noAudience, standingOf } from '#federation/reach.ts'
import type { Member } from '#federation/state.ts'
import { bob } from './fixtures.ts'
import { alice, anna, begin, groupId, position, type TestLog, write } from './log-fixtures.ts'

const [one, two] = [groupId(31), groupId(32)]
const groups = [one, two]

/** A thread of alice's that addresses two groups, when these stood at 10 and 20. */
const thread = begin(
  { recipients: { users: [anna], groups } },
  { body: { anchor: [position(one, 10), position(two, 20)] } },
)

const as = (role: Role, history: HistoryWindow = 'all', joinSeq = 1): Member => ({ role, joinSeq, history })

/** Bob in group one, and in group two. */
const inGroups =
  (...held: (Member | 'attested' | undefined)[]): Audience =>
  (group, user) =>
    user === bob ? held[groups.indexOf(group)] : undefined

const bobs = (audience: Audience, log: TestLog = thread) => standingOf(log.state, audience, bob)

t.test(
  '[T5] somebody reaches a space as a member, or a thread through a group that it addresses',
  async (t) => {
    t.same(standingOf(thread.state, noAudience, anna), { role: 'member', direct: true, via: [] })
    t.equal(bobs(noAudience), undefined)
    t.same(bobs(inGroups(as('poster'))), { role: 'poster', direct: false, via: [one] })
    t.same(bobs(inGroups(as('poster'), as('poster')))?.via, [one, two])
    const withdrawn = write(thread, { type: 'recipient.remove', content: { group: one } })
    t.equal(bobs(inGroups(as('poster')), withdrawn), undefined)
    t.same(bobs(inGroups(as('poster'), as('reader')), withdrawn)?.via, [two])
  },
)

t.test('[T6] roles are ordered', async (t) => {
  for (const [i, role] of roles.entries()) {
    for (const [j, needed] of roles.entries())
      t.equal(isAtLeast(role, needed), i >= j, `${role} for ${needed}`)
  }
})

t.test('[T6] the highest of the roles counts, so that a second route never takes a right away', async (t) => {
  for (const first of roles) {
    for (const second of roles) {
      const highest = isAtLeast(first, second) ? first : second
      t.equal(bobs(inGroups(as(first), as(second)))?.role, highest, `${first} and ${second}`)
    }
  }
  const withBob = write(thread, {
    type: 'member.join',
    content: { user: bob, role: 'reader', history: 'all' },
  })
  t.same(bobs(inGroups(as('member')), withBob), { role: 'member', direct: true, via: [one] })
  t.same(bobs(noAudience, withBob)?.role, 'reader')
})

t.test('[T6] who starts a thread is its admin while reaching it, and only of a thread', async (t) => {
  const asReader: Audience = (group, user) => (group === one && user === alice ? as('reader') : undefined)
  t.equal(standingOf(thread.state, asReader, alice)?.role, 'admin')
  t.equal(standingOf(thread.state, noAudience, alice), undefined, 'who no longer reaches it is nothing there')
  const both = { users: [alice, anna], groups: [] }
  for (const [kind, role] of [
    ['thread', 'admin'],
    ['group', 'poster'],
  ] as const) {
    const log = write(begin({ kind, recipients: both }), {
      type: 'member.role',
      content: { user: alice, role: 'poster' },
    })
    t.equal(standingOf(log.state, noAudience, alice)?.role, role, kind)
  }
})

t.test(
  'JOI-50 [T7] a window in a group includes a thread from its anchor on, all of it or nothing',
  async (t) => {
    t.equal(includesThread('all', 99, 1), true)
    t.equal(includesThread('now', 10, 10), true)
    t.equal(includesThread('now', 11, 10), false)
    t.equal(includesThread('since:10', 99, 10), true)
    t.equal(includesThread('since:11', 1, 10), false)
    t.equal(includesThread('since:9', 99, 10), true, 'numbers, not texts')
    t.equal(bobs(inGroups(as('poster', 'now', 11))), undefined)
    t.same(bobs(inGroups(as('poster', 'now', 10)))?.via, [one])
    t.same(bobs(inGroups(as('poster', 'now', 11), as('reader', 'since:20')))?.via, [two])
    t.equal(bobs(inGroups(as('admin', 'now', 11), as('reader', 'since:20')))?.role, 'reader')
  },
)

t.test('JOI-50 [T7] a group added later is anchored where it stood then', async (t) => {
  const bare = begin()
  const later = write(bare, {
    type: 'recipient.add',
    content: { group: one, history: 'all' },
    body: { anchor: [position(one, 30)] },
  })
  const joined = (seq: number) => bobs(inGroups(as('poster', 'now', seq)), later)
  t.same(
    [29, 30, 31].map((seq) => joined(seq) !== undefined),
    [true, true, false],
  )
})

t.test(
  '[T8] where a node does not hold the group, the host is believed about the route and the role',
  async (t) => {
    t.same(bobs(inGroups('attested')), { role: 'admin', direct: false, via: [one] })
    t.same(bobs(inGroups(undefined, 'attested'))?.via, [two], 'one route that holds is enough')
  },
)
