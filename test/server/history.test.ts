import t from 'tap'
import { codeOf, testNode, type TestNode, type TestPerson } from '../helpers/node.ts'

// From where on somebody sees a space: by the windows of all routes, and of the membership they have now.

type World = { node: TestNode; alice: TestPerson; anna: TestPerson }
type Page = { entries: { seq: number; type: string; content: { text?: string } | null }[]; fromSeq: number }

async function workspace(): Promise<World> {
  const node = await testNode()
  return { node, alice: await node.signUp('alice'), anna: await node.signUp('anna') }
}

async function begin(person: TestPerson, wish: Record<string, unknown>): Promise<string> {
  const answer = await person.post('/api/spaces', wish)
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return answer.json<{ id: string }>().id
}

async function done(answer: Promise<{ statusCode: number; body: string }>): Promise<void> {
  const { statusCode, body } = await answer
  if (statusCode >= 300) throw new Error(body)
}

async function say(person: TestPerson, space: string, ...texts: string[]): Promise<void> {
  for (const text of texts) await done(person.post(`/api/spaces/${space}/messages`, { text }))
}

/** What somebody reads, from the beginning; undefined when there is nothing for them. */
async function readBy(person: TestPerson, space: string): Promise<string[] | undefined> {
  const answer = await person.get(`/api/spaces/${space}/entries`)
  if (answer.statusCode === 404) return undefined
  return answer.json<Page>().entries.flatMap(({ content }) => content?.text ?? [])
}

async function entriesOf(person: TestPerson, space: string): Promise<Page> {
  return (await person.get(`/api/spaces/${space}/entries`)).json<Page>()
}

t.test('JOI-06: who joins with the history `now` sees nothing of what came before', async (t) => {
  const { node, alice, anna } = await workspace()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const thread = await begin(alice, { kind: 'thread', title: 'Launch' })
  await say(alice, thread, 'One.', 'Two.')
  await done(alice.post(`/api/spaces/${thread}/members`, { handle: 'anna', history: 'now' }))
  await say(alice, thread, 'Three.')
  const { entries, fromSeq } = await entriesOf(anna, thread)
  t.strictSame([fromSeq, ...entries.map(({ seq }) => seq)], [4, 4, 5], 'it begins with her own joining')
  t.match((await anna.get(`/api/spaces/${thread}`)).json(), { fromSeq: 4, headSeq: 5 })
  t.match((await anna.get('/api/spaces')).json(), { spaces: [{ id: thread, fromSeq: 4 }] })
  t.strictSame(await readBy(anna, thread), ['Three.'])
  t.strictSame(await readBy(alice, thread), ['One.', 'Two.', 'Three.'])
})

t.test('a window can begin at an entry or at a moment, and never before that of the giver', async (t) => {
  const { node, alice, anna } = await workspace()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const bert = await node.signUp('bert')
  const carl = await node.signUp('carl')
  const thread = await begin(alice, { kind: 'thread', title: 'Launch' })
  await say(alice, thread, 'One.', 'Two.')
  const moment = (await entriesOf(alice, thread)).entries.at(-1) as unknown as { at: number }
  await say(alice, thread, 'Three.')
  const add = async (person: TestPerson, handle: string, history?: unknown) =>
    await person.post(`/api/spaces/${thread}/members`, { handle, ...(history ? { history } : {}) })
  await done(add(alice, 'anna', 'since:3'))
  t.strictSame(await readBy(anna, thread), ['Two.', 'Three.'])
  t.equal(codeOf(await add(anna, 'bert', 'all')), 'history-too-wide')
  t.equal(codeOf(await add(anna, 'bert', 'since:2')), 'history-too-wide')
  t.equal(codeOf(await add(anna, 'bert', 'since:99')), 'invalid-request')
  await done(add(anna, 'bert'))
  t.strictSame(await readBy(bert, thread), ['Two.', 'Three.'], 'what is usual is cut to what she sees')
  await done(add(alice, 'carl', { date: moment.at }))
  const seen = (await readBy(carl, thread))!
  t.ok(seen.includes('Two.') && seen.includes('Three.'))
  const { members } = (await alice.get(`/api/spaces/${thread}`)).json() as { members: { history: string }[] }
  t.match(members.map(({ history }) => history).toSorted()[0], 'all')
  const later = await add(alice, 'alice', { date: Date.now() + 60_000 })
  t.equal(codeOf(later), 'already-member', 'a moment to come is a history that begins now')
})

t.test('JOI-08: who leaves and comes back sees the gap only when it is granted', async (t) => {
  const { node, alice, anna } = await workspace()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const thread = await begin(alice, { kind: 'thread', title: 'Launch', people: ['anna'] })
  await say(alice, thread, 'Before.')
  await done(anna.delete(`/api/spaces/${thread}/members/${anna.userId}`))
  await say(alice, thread, 'Meanwhile.')
  t.equal(await readBy(anna, thread), undefined)
  await done(alice.post(`/api/spaces/${thread}/members`, { handle: 'anna', history: 'now' }))
  await say(alice, thread, 'After.')
  t.strictSame(
    await readBy(anna, thread),
    ['After.'],
    'the new membership decides, also about what she once saw',
  )
  await done(alice.delete(`/api/spaces/${thread}/members/${anna.userId}`))
  await done(alice.post(`/api/spaces/${thread}/members`, { handle: 'anna', history: 'all' }))
  t.strictSame(await readBy(anna, thread), ['Before.', 'Meanwhile.', 'After.'])
})

t.test('JOI-50: through a group somebody sees the threads that their window there includes', async (t) => {
  const { node, alice, anna } = await workspace()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const bert = await node.signUp('bert')
  const carl = await node.signUp('carl')
  const group = await begin(alice, { kind: 'group', title: 'Team' })
  const early = await begin(alice, { kind: 'thread', title: 'Early', groups: [group] })
  await say(alice, early, 'Early.')
  const join = async (handle: string, history: unknown): Promise<void> =>
    await done(alice.post(`/api/spaces/${group}/members`, { handle, history }))
  await join('anna', 'now')
  const middle = await begin(alice, { kind: 'thread', title: 'Middle', groups: [group] })
  await say(alice, middle, 'Middle.')
  await join('bert', 'since:2')
  await join('carl', 'all')
  const see = async (person: TestPerson) => [await readBy(person, early), await readBy(person, middle)]
  t.strictSame(await see(anna), [undefined, ['Middle.']], 'all of a thread or nothing')
  t.strictSame(await see(bert), [undefined, ['Middle.']])
  t.strictSame(await see(carl), [['Early.'], ['Middle.']])
  await done(alice.delete(`/api/spaces/${group}/members/${anna.userId}`))
  t.strictSame(await see(anna), [undefined, undefined])
  await join('anna', 'now')
  t.strictSame(await see(anna), [undefined, undefined], 'a new membership is a new window')
  t.ok(bert && carl)
})

t.test('JOI-50: a group that is added later sees as much of the thread as is granted', async (t) => {
  const { node, alice, anna } = await workspace()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const group = await begin(alice, { kind: 'group', title: 'Team', people: ['anna'] })
  for (const [history, seen] of [
    ['all', ['One.', 'Two.', 'Three.']],
    ['since:3', ['Two.', 'Three.']],
    ['now', ['Three.']],
  ] as const) {
    const thread = await begin(alice, { kind: 'thread', title: history })
    await say(alice, thread, 'One.', 'Two.')
    await done(alice.post(`/api/spaces/${thread}/groups`, { groupId: group, history }))
    await say(alice, thread, 'Three.')
    t.strictSame(await readBy(anna, thread), seen, history)
    await done(alice.post(`/api/spaces/${thread}/members`, { handle: 'anna', history: 'all' }))
    t.strictSame(await readBy(anna, thread), ['One.', 'Two.', 'Three.'], 'the widest route counts')
  }
})

t.test('in a group a window that is given begins at an entry that threads are anchored at', async (t) => {
  const { node, alice, anna } = await workspace()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const group = await begin(alice, { kind: 'group', title: 'Team' })
  await say(alice, group, 'One.', 'Two.')
  await done(alice.post(`/api/spaces/${group}/members`, { handle: 'anna', history: 'since:3' }))
  const seen = await readBy(anna, group)
  t.strictSame(seen, ['One.', 'Two.'], 'the last state entry before it is the genesis')
})
