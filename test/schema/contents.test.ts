import t from 'tap'
import { HistoryWindow, SettingValue, Title } from '#schema/event/shared.ts'
import { type EventType, eventTypes, isEventType, isStateType } from '#schema/event/types.ts'

// The limits of contents, which hold for our own users before anything is signed and for everybody else after.

const alice = `u_${'a'.repeat(26)}@acme.example`
const space = `s_${'A'.repeat(43)}`
const jti = 'A'.repeat(22)

const takes = (type: EventType, content: unknown): boolean =>
  eventTypes[type].shape.safeParse(content).success

/** A content of each type that is good, and changes that are not. */
const contents: Record<EventType, { readonly good: object; readonly bad: Record<string, unknown[]> }> = {
  'space.create': {
    good: {
      kind: 'group',
      features: [],
      settings: {},
      recipients: { users: [alice], groups: [] },
      nonce: jti,
    },
    bad: {
      kind: ['room', undefined],
      features: [[1], Array(33).fill('f'), ['f'.repeat(65)], undefined],
      settings: [{ colour: 'red' }, { title: 1 }, undefined],
      recipients: [
        { users: [alice] },
        { users: ['alice'], groups: [] },
        { users: [], groups: Array(9).fill(space) },
        { users: Array(65).fill(alice), groups: [] },
      ],
      size: [1, 9, '2'],
      nonce: ['', 'A'.repeat(21), 'A'.repeat(23), undefined],
    },
  },
  'space.reanchor': { good: { incarnation: 'again' }, bad: { incarnation: ['', 'x'.repeat(65)] } },
  'space.set': { good: { key: 'title', value: 'x' }, bad: { key: ['policy'], value: [1, 'x'.repeat(201)] } },
  'node.add': {
    good: { node: 'globex.example', op_hash: 'A'.repeat(43) },
    bad: { node: ['globex'], op_hash: [''] },
  },
  'node.remove': { good: { node: 'globex.example' }, bad: { node: ['globex', undefined] } },
  'member.invite': {
    good: { jti, node: 'globex.example', role: 'poster', history: 'all' },
    bad: {
      jti: [''],
      node: ['x'],
      role: ['owner', undefined],
      history: ['none', undefined],
      handle: ['bob'],
    },
  },
  'member.uninvite': { good: { jti, reason: 'revoked' }, bad: { jti: [1], reason: ['because', undefined] } },
  'member.join': {
    good: { user: alice, role: 'member', history: 'all' },
    bad: { user: ['alice'], role: ['owner'], history: ['some'], invite: ['x'], response: ['x'.repeat(4097)] },
  },
  'member.leave': { good: { user: alice }, bad: { user: ['x'], reason: ['tired'] } },
  'member.remove': { good: { user: alice }, bad: { user: ['x'], reason: ['spam'] } },
  'member.role': { good: { user: alice, role: 'reader' }, bad: { user: ['x'], role: ['owner'] } },
  'recipient.add': { good: { group: space, history: 'now' }, bad: { group: ['g'], history: ['new'] } },
  'recipient.remove': { good: { group: space }, bad: { group: ['g'] } },
  'msg.post': {
    good: { text: 'x', fmt: 'md1', mentions: ['@all', alice] },
    bad: {
      text: ['', ' \n\t', '\u200b\u200d', 'x'.repeat(16_001), undefined],
      fmt: ['html', undefined],
      mentions: [['alice'], Array(51).fill(alice), Array(1000).fill(alice), undefined],
    },
  },
}

t.test('[E8] each content has the members of its table and no others', async (t) => {
  for (const [name, { good, bad }] of Object.entries(contents)) {
    const type = name as EventType
    t.equal(takes(type, good), true, type)
    t.equal(takes(type, { ...good, extra: 1 }), false, `${type} with a member more`)
    t.equal(takes(type, null), false, `${type}: null`)
    for (const [member, values] of Object.entries(bad)) {
      for (const value of values) {
        const shown = JSON.stringify(value)?.slice(0, 40)
        t.equal(takes(type, { ...good, [member]: value }), false, `${type} ${member}: ${shown}`)
      }
    }
  }
})

t.test('SUB-11 [E8] a message has 1 to 16,000 characters and at most 50 mentions', async (t) => {
  const post = (text: string, mentions = 0): boolean =>
    takes('msg.post', { text, fmt: 'plain', mentions: Array(mentions).fill(alice) })
  t.equal(post('x'.repeat(16_000), 50), true)
  t.equal(post('x'.repeat(16_001)), false)
  t.equal(post('x', 51), false)
  t.equal(post('🙂'.repeat(16_000)), true, 'characters are code points')
  t.equal(post('🙂'.repeat(16_001)), false)
})

t.test('[T7] a history window is everything, nothing, or from a position on', async (t) => {
  for (const good of ['all', 'now', 'since:1', 'since:999999999999999']) {
    t.equal(HistoryWindow.safeParse(good).success, true, good)
  }
  for (const bad of [
    '',
    'none',
    'from-now',
    'since:',
    'since:0',
    'since:01',
    'since:-1',
    'since:1000000000000000',
  ]) {
    t.equal(HistoryWindow.safeParse(bad).success, false, bad)
  }
})

t.test('[E21] a title is one visible line', async (t) => {
  for (const good of ['x', 'Launch 🚀', ' x ', 'x'.repeat(200)]) {
    t.equal(Title.safeParse(good).success, true, encodeURIComponent(good.slice(0, 10)))
  }
  for (const bad of ['', ' ', '\u200b', 'a\nb', 'a\r', '\u001b', 'a\u0000', 'a\u2028b', 'x'.repeat(201)]) {
    // A line separator in the name of an assertion would break the report.
    t.equal(Title.safeParse(bad).success, false, encodeURIComponent(bad.slice(0, 10)))
  }
  t.equal(SettingValue.safeParse('').success, true)
})

t.test('[E9] what changes state is told by the name of the type, known or not', async (t) => {
  for (const type of ['space.x', 'node.x', 'member.x', 'recipient.x', 'space.create', 'member.join']) {
    t.equal(isStateType(type), true, type)
  }
  for (const type of [
    'msg.post',
    'msg.edit',
    'x.acme.example.note',
    'space',
    'spaces.x',
    'poll.vote',
    'x.space.y',
  ]) {
    t.equal(isStateType(type), false, type)
  }
  t.equal(isEventType('constructor'), false)
  t.equal(isEventType('toString'), false)
})
