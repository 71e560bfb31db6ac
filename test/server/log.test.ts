import { sql } from 'kysely'
import t from 'tap'
import { hashEntry, noHash } from '#federation/chain.ts'
import type { SpaceId } from '#schema/ids.ts'
import { listEntries } from '#server/db/entries.ts'
import { testNode, type TestNode, type TestPerson } from '../helpers/node.ts'

// The log of one node: dense, chained, in the order of commits, whatever happens at once.

async function withThread(): Promise<{ node: TestNode; alice: TestPerson; space: SpaceId }> {
  const node = await testNode()
  const alice = await node.signUp('alice')
  const answer = await alice.post('/api/spaces', { kind: 'thread', title: 'Launch' })
  return { node, alice, space: answer.json<{ id: SpaceId }>().id }
}

/** The whole log, with its chain checked. */
async function chainOf(t: Tap.Test, { context }: TestNode, space: SpaceId): Promise<number[]> {
  const seqs: number[] = []
  let prev: string = noHash
  for (let after = 0; ; after = seqs.at(-1)!) {
    const page = await listEntries(context.db, space, { after, limit: 500 })
    for (const { seq, text, hash } of page) {
      const body = JSON.parse(text) as { seq: number; prev: string }
      if (body.seq !== seq || body.prev !== prev || hashEntry(text) !== hash)
        t.fail(`the chain breaks at ${seq}`)
      prev = hash
      seqs.push(seq)
    }
    if (page.length < 500) break
  }
  const head = await context.db
    .selectFrom('space')
    .selectAll()
    .where('id', '=', space)
    .executeTakeFirstOrThrow()
  t.equal(head.headSeq, seqs.length, 'the head is the last entry')
  t.equal(head.headHash, prev)
  return seqs
}

declare namespace Tap {
  type Test = { fail(message: string): unknown; equal(a: unknown, b: unknown, message?: string): unknown }
}

t.test('SEQ-01: a thousand posts at once stand in one dense chain', async (t) => {
  const { node, alice, space } = await withThread()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const answers = await Promise.all(
    Array.from(
      { length: 1000 },
      async (_, i) => await alice.post(`/api/spaces/${space}/messages`, { text: `${i}` }),
    ),
  )
  const seqs = answers.map((answer) => answer.json<{ seq: number }>().seq)
  t.equal(new Set(seqs).size, 1000, 'each has a place of its own')
  const chain = await chainOf(t as never, node, space)
  t.strictSame(
    chain,
    Array.from({ length: 1001 }, (_, i) => i + 1),
  )
})

t.test('SEQ-02: a transaction that rolls back leaves no gap, and takes nobody else with it', async (t) => {
  const { node, alice, space } = await withThread()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  await sql`create function refuse_boom() returns trigger language plpgsql as $$
    begin if new.text like '%boom%' then raise exception 'boom'; end if; return new; end $$`.execute(
    node.context.db,
  )
  await sql`create trigger boom before insert on content for each row execute function refuse_boom()`.execute(
    node.context.db,
  )
  const texts = ['one', 'boom', 'two', 'boom', 'three']
  const answers = await Promise.all(
    texts.map(async (text) => await alice.post(`/api/spaces/${space}/messages`, { text })),
  )
  t.strictSame(
    answers.map((answer) => answer.statusCode),
    [201, 500, 201, 500, 201],
  )
  t.strictSame(await chainOf(t as never, node, space), [1, 2, 3, 4])
})

t.test(
  'R8: the same request twice is one message, and the same key for another request a conflict',
  async (t) => {
    const { node, alice, space } = await withThread()
    t.teardown(async () => await node[Symbol.asyncDispose]())
    const url = `/api/spaces/${space}/messages`
    const key = { 'idempotency-key': 'my-key' }
    const [first, twin] = await Promise.all([
      alice.post(url, { text: 'Once.' }, key),
      alice.post(url, { text: 'Once.' }, key),
    ])
    const later = await alice.post(url, { text: 'Once.' }, key)
    t.strictSame(twin.json(), first.json())
    t.strictSame(later.json(), first.json())
    const other = await alice.post(url, { text: 'Twice.' }, key)
    t.equal(other.statusCode, 409)
    t.match(other.json(), { type: 'urn:parley:problem:idempotency-conflict' })
    const without = await alice.post(url, { text: 'None.' }, { 'idempotency-key': '' })
    t.equal(without.statusCode, 400)
    t.strictSame(await chainOf(t as never, node, space), [1, 2])
  },
)

t.test('R8: the same request for a space twice begins one space', async (t) => {
  const { node, alice } = await withThread()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const key = { 'idempotency-key': 'my-space' }
  const wish = { kind: 'group', title: 'Partners' }
  const [first, twin] = await Promise.all([
    alice.post('/api/spaces', wish, key),
    alice.post('/api/spaces', wish, key),
  ])
  t.equal(first.statusCode, 201)
  t.equal(twin.json<{ id: string }>().id, first.json<{ id: string }>().id)
  const other = await alice.post('/api/spaces', { ...wish, title: 'Others' }, key)
  t.equal(other.statusCode, 409)
  const { spaces } = (await alice.get('/api/spaces')).json<{ spaces: unknown[] }>()
  t.equal(spaces.length, 2)
})

t.test('R6, SUB-11: our own users meet the limits before anything is signed', async (t) => {
  const { node, alice, space } = await withThread()
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const url = `/api/spaces/${space}/messages`
  const blank = await alice.post(url, { text: ' \u200b\n ' })
  t.equal(blank.statusCode, 422)
  t.match(blank.json(), { type: 'urn:parley:problem:text-empty' })
  const long = await alice.post(url, { text: 'x'.repeat(65 * 1024) })
  t.equal(long.statusCode, 400)
  const mentions = Array.from({ length: 1000 }, () => alice.userId)
  const crowd = await alice.post(url, { text: 'Hello', mentions })
  t.equal(crowd.statusCode, 400)
  t.strictSame(await chainOf(t as never, node, space), [1])
})
