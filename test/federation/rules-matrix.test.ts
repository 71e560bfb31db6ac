import t, { type Test } from 'tap'
import type { Role, SpaceKind } from '#schema/event/shared.ts'
import type { EventType } from '#schema/event/types.ts'
import type { NodeSender, UserId } from '#schema/ids.ts'
import { judge } from '#federation/judge.ts'
import { type Audience, noAudience } from '#federation/reach.ts'
import type { SpaceState } from '#federation/state.ts'
import { acme, globex, kidOf } from './fixtures.ts'
import {
  acmeItself,
  begin,
  eventOf,
  groupId,
  initech,
  jti,
  joins,
  says,
  user,
  type Wish,
} from './log-fixtures.ts'

// Who may write what, where: one table per kind of space. A cell is `yes` or the refusal.

const people: Record<Role, UserId> = {
  admin: user('p', acme),
  member: user('q', acme),
  poster: user('r', acme),
  reader: user('s', acme),
}
const second = user('v', acme)
const target = user('t', acme)
const newcomer = user('w', acme)
const stranger = user('x', acme)
const bob = user('b', globex)

const held = groupId(21)
const other = groupId(22)

/** A space with one person of each role, an open invitation to globex and a company without members. */
function stateOf(kind: SpaceKind, settings: Record<string, string> = {}): SpaceState {
  const { state } = begin({ kind, ...(kind === 'dm' ? { size: 8 } : {}) })
  const member = { joinSeq: 1, history: 'all' } as const
  return {
    ...state,
    starter: second,
    members: new Map([
      ...Object.entries(people).map(([role, who]) => [who, { ...member, role: role as Role }] as const),
      [second, { ...member, role: 'admin' }],
      [target, { ...member, role: 'member' }],
    ]),
    invites: new Map([[jti(1), { node: globex, role: 'poster', history: 'all' }]]),
    groups: new Map(kind === 'thread' ? [[held, { addSeq: 1, history: 'all', anchorSeq: 1 }]] : []),
    nodes: new Map([
      [globex, 2],
      [initech, 3],
    ]),
    settings: new Map(Object.entries(settings)) as SpaceState['settings'],
  }
}

/** Everybody asked about belongs to the group `other`, with the right to start threads there. */
const inOther: Audience = (group, who) =>
  group === other && who !== stranger ? { role: 'poster', joinSeq: 1, history: 'all' } : undefined

const acts: Record<string, (sender: UserId | NodeSender) => Wish> = {
  'space.create': () => ({ type: 'space.create', content: {} as never }),
  'space.set title': () => ({ type: 'space.set', content: { key: 'title', value: 'New' } }),
  'space.set locked': () => ({ type: 'space.set', content: { key: 'locked', value: 'yes' } }),
  'node.add': () => ({ type: 'node.add', content: { node: 'umbrella.example' as never, op_hash: kidOf(1) } }),
  'node.remove': () => ({ type: 'node.remove', content: { node: initech } }),
  'member.invite': () => ({
    type: 'member.invite',
    content: { jti: jti(2), node: globex, role: 'poster', history: 'all' },
  }),
  'member.uninvite': () => ({ type: 'member.uninvite', content: { jti: jti(1), reason: 'revoked' } }),
  'member.join colleague': () => ({
    type: 'member.join',
    content: { user: newcomer, role: 'poster', history: 'all' },
  }),
  'member.join invited': () => joins({ user: bob }),
  'member.leave own': (sender) => ({ type: 'member.leave', content: { user: sender as UserId } }),
  'member.leave other': () => ({ type: 'member.leave', content: { user: target } }),
  'member.remove': () => ({ type: 'member.remove', content: { user: target } }),
  'member.role': () => ({ type: 'member.role', content: { user: target, role: 'poster' } }),
  'recipient.add': () => ({ type: 'recipient.add', content: { group: other, history: 'all' } }),
  'recipient.remove': () => ({ type: 'recipient.remove', content: { group: held } }),
  'msg.post': () => says('Hello'),
  'x.acme.example.note': () => ({ type: 'x.acme.example.note' as EventType, content: {} as never }),
  'space.archive': () => ({ type: 'space.archive' as EventType, content: {} as never }),
}

const askers: Record<string, UserId | NodeSender> = { host: acmeItself, ...people, stranger }

function ask(state: SpaceState, act: string, asker: string): string {
  const sender = askers[asker]!
  const wish = acts[act]!(sender)
  const event = eventOf(state.id, 9, { ...wish, sender })
  return judge(state, state.kind === 'thread' ? inOther : noAudience, event) ?? 'yes'
}

/** Reads a table of `act | host | admin | member | poster | reader | stranger` and asks every cell of it. */
function check(t: Test, state: SpaceState, table: string): void {
  for (const row of table.trim().split('\n')) {
    const [act, ...cells] = row.split('|').map((cell) => cell.trim())
    for (const [i, asker] of Object.keys(askers).entries()) {
      const expected = cells[i]!
      t.equal(ask(state, act!, asker), words[expected] ?? expected, `${act} by ${asker}`)
    }
  }
}

const words: Record<string, string> = { no: 'no-right', out: 'not-a-member', feature: 'features-missing' }

t.test('[E20-E33] who may write what in a group', async (t) => {
  check(
    t,
    stateOf('group'),
    `
    space.create          | event-type | event-type | event-type | event-type | event-type | event-type
    space.set title       | yes        | yes        | no         | no         | no         | out
    space.set locked      | yes        | yes        | no         | no         | no         | out
    node.add              | yes        | no         | no         | no         | no         | out
    node.remove           | yes        | no         | no         | no         | no         | out
    member.invite         | no         | yes        | yes        | no         | no         | out
    member.uninvite       | yes        | yes        | yes        | no         | no         | out
    member.join colleague | no         | yes        | yes        | no         | no         | out
    member.join invited   | yes        | no         | no         | no         | no         | out
    member.leave own      | no         | yes        | yes        | yes        | yes        | out
    member.leave other    | no         | no         | no         | no         | no         | no
    member.remove         | yes        | yes        | no         | no         | no         | out
    member.role           | no         | yes        | no         | no         | no         | out
    recipient.add         | no         | wrong-kind | wrong-kind | wrong-kind | wrong-kind | out
    recipient.remove      | no         | wrong-kind | wrong-kind | wrong-kind | wrong-kind | out
    msg.post              | no         | yes        | yes        | yes        | no         | out
    x.acme.example.note   | no         | yes        | yes        | yes        | no         | out
    space.archive         | feature    | feature    | feature    | feature    | feature    | feature
    `,
  )
})

t.test('SUB-05 SUB-06 [E20-E33] who may write what in a thread', async (t) => {
  check(
    t,
    stateOf('thread'),
    `
    space.set title       | yes        | yes        | no         | no         | no         | out
    space.set locked      | yes        | yes        | no         | no         | no         | out
    node.add              | yes        | no         | no         | no         | no         | out
    node.remove           | yes        | no         | no         | no         | no         | out
    member.invite         | no         | yes        | yes        | no         | no         | out
    member.uninvite       | yes        | yes        | yes        | no         | no         | out
    member.join colleague | no         | yes        | yes        | no         | no         | out
    member.join invited   | yes        | no         | no         | no         | no         | out
    member.leave own      | no         | yes        | yes        | yes        | yes        | out
    member.remove         | yes        | yes        | no         | no         | no         | out
    member.role           | no         | yes        | no         | no         | no         | out
    recipient.add         | no         | yes        | yes        | no         | no         | out
    recipient.remove      | no         | yes        | no         | no         | no         | out
    msg.post              | no         | yes        | yes        | yes        | no         | out
    `,
  )
})

t.test('[E15] what is locked stays as it is for everybody, until somebody unlocks it', async (t) => {
  for (const kind of ['group', 'thread'] as const) {
    check(
      t,
      stateOf(kind, { locked: 'yes' }),
      `
      space.set title       | yes | no  | no  | no  | no | out
      space.set locked      | yes | yes | no  | no  | no | out
      member.invite         | no  | no  | no  | no  | no | out
      member.join colleague | no  | no  | no  | no  | no | out
      member.join invited   | yes | no  | no  | no  | no | out
      member.uninvite       | yes | yes | yes | no  | no | out
      member.remove         | yes | yes | no  | no  | no | out
      member.role           | no  | yes | no  | no  | no | out
      msg.post              | no  | yes | yes | yes | no | out
      `,
    )
  }
  check(
    t,
    stateOf('thread', { locked: 'yes' }),
    `
    recipient.add    | no | no  | no | no | no | out
    recipient.remove | no | yes | no | no | no | out
    `,
  )
})

t.test('[E15] with replies off nobody writes, and everything else goes on', async (t) => {
  check(
    t,
    stateOf('thread', { 'replies-off': 'yes' }),
    `
    msg.post            | no  | no  | no  | no | no | out
    x.acme.example.note | no  | no  | no  | no | no | out
    member.invite       | no  | yes | yes | no | no | out
    space.set title     | yes | yes | no  | no | no | out
    `,
  )
})

t.test('[E20-E33] a dm belongs to all who are in it alike', async (t) => {
  check(
    t,
    stateOf('dm'),
    `
    space.set title       | yes        | yes        | no         | no         | no         | out
    space.set locked      | wrong-kind | wrong-kind | wrong-kind | wrong-kind | wrong-kind | out
    member.invite         | no         | yes        | yes        | no         | no         | out
    member.join colleague | wrong-kind | wrong-kind | wrong-kind | wrong-kind | wrong-kind | out
    member.join invited   | yes        | no         | no         | no         | no         | out
    member.leave own      | no         | yes        | yes        | yes        | yes        | out
    member.remove         | yes        | wrong-kind | wrong-kind | wrong-kind | wrong-kind | out
    member.role           | no         | wrong-kind | wrong-kind | wrong-kind | wrong-kind | out
    recipient.add         | no         | wrong-kind | wrong-kind | wrong-kind | wrong-kind | out
    msg.post              | no         | yes        | yes        | yes        | no         | out
    `,
  )
})
