import t from 'tap'
import type { EntryBody } from '#schema/wire/event.ts'
import type { SpaceId } from '#schema/ids.ts'
import { listEntries } from '#server/domain/entries.ts'
import { testNode, type TestNode, type TestPerson } from '../helpers/node.ts'

// Two processes of one node on one real PostgreSQL, under the real clock: what one takes away the other does not give.

/** All of them: `PARLEY_RACES=1000 npm test -- test/server/races.test.ts`. */
const races = Number(process.env['PARLEY_RACES'] ?? 60)
if (races > 100) t.setTimeout(races * 4_000)

type Processes = AsyncDisposable & {
  /** Alice decides in one process; bob reads and writes in the other. */
  readonly alice: TestPerson
  readonly bob: TestPerson
  readonly one: TestNode
  readonly spaces: { readonly group: SpaceId; readonly thread: SpaceId }
}

async function openProcesses(): Promise<Processes> {
  const one = await testNode()
  const two = await testNode({ config: { databaseUrl: one.context.config.databaseUrl! } })
  const alice = await one.signUp('alice')
  const bob = two.personWith(await one.signUp('bob'))
  const begin = async (body: object): Promise<SpaceId> =>
    (await alice.post('/api/spaces', body)).json<{ id: SpaceId }>().id
  const group = await begin({ kind: 'group', title: 'Partners' })
  const thread = await begin({ kind: 'thread', title: 'Prices', groups: [group] })
  return {
    alice,
    bob,
    one,
    spaces: { group, thread },
    async [Symbol.asyncDispose]() {
      await two[Symbol.asyncDispose]()
      await one[Symbol.asyncDispose]()
    },
  }
}

/** A membership begins, and with it a round. Returns its place in the group's log. */
async function addBob({ alice, spaces }: Processes): Promise<number> {
  const added = await alice.post(`/api/spaces/${spaces.group}/members`, { handle: 'bob' })
  return added.json<{ seq: number }>().seq
}

async function removeBob({ alice, bob, spaces }: Processes): Promise<number> {
  const removed = await alice.delete(`/api/spaces/${spaces.group}/members/${bob.userId}`)
  return removed.json<{ seq: number }>().seq
}

t.test(
  'a post that races a removal is before it or refused, in the group and in a thread behind it',
  async (t) => {
    await using processes = await openProcesses()
    const { bob, one, spaces } = processes
    const outcomes = { accepted: 0, refused: 0 }
    const faults: string[] = []
    for (let i = 0; i < races; i++) {
      const joined = await addBob(processes)
      const where = i % 2 === 0 ? spaces.group : spaces.thread
      const post = async () => await bob.post(`/api/spaces/${where}/messages`, { text: `Race ${i}` })
      // Now this one first, now that one.
      const [posted, removed] =
        i % 4 < 2
          ? await Promise.all([post(), removeBob(processes)])
          : ((await Promise.all([removeBob(processes), post()])).toReversed() as [
              Awaited<ReturnType<typeof post>>,
              number,
            ])
      const late = await bob.post(`/api/spaces/${where}/messages`, { text: `Late ${i}` })
      if (late.statusCode !== 404) faults.push(`${i}: written after the removal`)
      if (posted.statusCode === 404) {
        outcomes.refused++
        continue
      }
      outcomes.accepted++
      const { seq } = posted.json<{ seq: number }>()
      if (where === spaces.group) {
        if (seq >= removed) faults.push(`${i}: ${seq} is not before ${removed}`)
        continue
      }
      const { text } = await one.context.db
        .selectFrom('entry')
        .select('text')
        .where('spaceId', '=', where)
        .where('seq', '=', seq)
        .executeTakeFirstOrThrow()
      const { via } = JSON.parse(text) as EntryBody
      if (via?.[0]?.seq !== joined) faults.push(`${i}: via names ${via?.[0]?.seq}, not ${joined}`)
    }
    t.strictSame(faults, [], 'SUB-55: no late write, and via never names an older state')
    t.equal(outcomes.accepted + outcomes.refused, races)
    t.comment(`${races} races: ${outcomes.accepted} posts came first, ${outcomes.refused} were refused`)
  },
)

t.test('nothing is read once a removal is answered, in another process too', async (t) => {
  await using processes = await openProcesses()
  const { alice, bob, spaces } = processes
  await alice.post(`/api/spaces/${spaces.thread}/messages`, { text: 'A secret.' })
  const faults: string[] = []
  let racing = 0
  for (let i = 0; i < races; i++) {
    await addBob(processes)
    const where = i % 2 === 0 ? spaces.group : spaces.thread
    let isRemoved = false
    const read = async (): Promise<void> => {
      for (let isLate = false; !isLate;) {
        isLate = isRemoved
        const answer = await bob.get(`/api/spaces/${where}/entries`)
        if (answer.statusCode === 200) racing++
        if (isLate && answer.statusCode !== 404) faults.push(`${i}: read late`)
      }
    }
    const remove = removeBob(processes).then(() => (isRemoved = true))
    await Promise.all([remove, read(), read()])
    const paths = ['', '/entries', '/removals', `/removal-preview?userId=${encodeURIComponent(bob.userId)}`]
    for (const path of paths) {
      const { statusCode } = await bob.get(`/api/spaces/${where}${path}`)
      if (statusCode !== 404) faults.push(`${i}: ${path} is ${statusCode} after the removal`)
    }
    const { spaces: list } = (await bob.get('/api/spaces')).json<{ spaces: unknown[] }>()
    if (list.length > 0) faults.push(`${i}: it is listed`)
  }
  t.strictSame(faults, [])
  t.ok(racing > 0, 'and reads were under way meanwhile')
})

t.test('what is written between the door and the read is not shown to who was let in before', async (t) => {
  await using processes = await openProcesses()
  const { alice, bob, one, spaces } = processes
  await addBob(processes)
  await alice.post(`/api/spaces/${spaces.group}/messages`, { text: 'While he is here.' })
  const { context } = one
  const slow = {
    ...context,
    reads: {
      ...context.reads,
      reached: async (what: Parameters<typeof context.reads.reached>[0]) => {
        const space = await context.reads.reached(what)
        await removeBob(processes)
        await alice.post(`/api/spaces/${spaces.group}/messages`, { text: 'Among us again.' })
        return space
      },
    },
  }
  const { entries } = await listEntries(
    slow,
    { userId: bob.userId, handle: bob.handle, role: 'member', identityVersion: 1, sessionHash: '' },
    { spaceId: spaces.group, after: 0, limit: 100 },
  )
  const texts = entries.flatMap(({ content }) => (content as { text?: string } | null)?.text ?? [])
  t.strictSame(texts, ['While he is here.'])
})

t.test('a space that is begun in two processes by one key is one space', async (t) => {
  await using one = await testNode()
  await using two = await testNode({ config: { databaseUrl: one.context.config.databaseUrl! } })
  const alice = await one.signUp('alice')
  const elsewhere = two.personWith(alice)
  const faults: string[] = []
  for (let i = 0; i < Math.min(races, 100); i++) {
    const key = { 'idempotency-key': `begin-${i}` }
    const begin = async (person: TestPerson) =>
      await person.post('/api/spaces', { kind: 'thread', title: `Thread ${i}` }, key)
    const answers = await Promise.all([begin(alice), begin(elsewhere)])
    const [first, second] = answers.map((answer) => answer.json<{ id?: string }>().id)
    if (first === undefined || first !== second) faults.push(answers.map(({ body }) => body).join(' '))
  }
  t.strictSame(faults, [])
})
