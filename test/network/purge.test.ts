import { sql } from 'kysely'
import t from 'tap'
import { hashFencedSpaces, signPurge } from '#federation/fence.ts'
import { confirmPurge } from '#schema/wire/endpoints.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Removal } from '#schema/removal.ts'
import { findSpace } from '#server/db/spaces.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import type { Network } from '../helpers/network.ts'
import { eventuallySees, inviteTo, post, share, startGroup, startThread, textsOf } from '../helpers/spaces.ts'
import { twoCompanies } from '../helpers/two-companies.ts'

/** Where globex has these words, in any column of any table. */
async function tablesWith(net: Network, words: string): Promise<string[]> {
  const { db } = net.node('globex').context
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE'
  `.execute(db)
  const found: string[] = []
  for (const { name } of rows) {
    const { rows: hits } = await sql<{ n: number }>`
      select count(*) as n from ${sql.table(name)} t where position(${words} in t::text) > 0
    `.execute(db)
    if (hits[0]!.n > 0) found.push(name)
  }
  return found.toSorted()
}

/** Is the copy of globex gone, down to its last row? */
async function isWithout(net: Network, space: string): Promise<boolean> {
  return (await findSpace(net.node('globex').context.db, space as SpaceId)) === undefined
}

async function purgesAt(net: Network, name = 'acme'): Promise<{ purged: boolean; held: boolean }[]> {
  const rows = await net
    .node(name)
    .context.db.selectFrom('fence')
    .selectAll()
    .where('action', '=', 'purge')
    .execute()
  return rows.map((row) => ({ purged: row.purgeAckedAt !== null, held: row.held }))
}

async function eventuallyPurged(net: Network): Promise<void> {
  await net.eventually('acme has the purge receipt of globex', async () => {
    const purges = await purgesAt(net)
    return purges.length > 0 && purges.every(({ purged, held }) => purged && !held)
  })
}

t.test(
  'the last of a company gone, its copy is deleted from every table and a signed receipt says so',
  async (t) => {
    await using world = await twoCompanies()
    const { net, alice, bob } = world
    const thread = await startThread(alice, { title: 'Marker-title' })
    await share(net, alice, thread, bob)
    await post(alice, thread, 'Marker-from-acme.')
    await post(bob, thread, 'Marker-from-globex.')
    await eventuallySees(net, alice, thread, 'Marker-from-globex.')
    await eventuallySees(net, bob, thread, 'Marker-from-globex.')
    await bob.ok('PUT', `/api/spaces/${thread}/read`, { seq: 3 })
    t.ok((await tablesWith(net, 'Marker-')).length > 0, 'the search finds what is there')

    await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
    await eventuallyPurged(net)
    t.strictSame(await tablesWith(net, 'Marker-'), [])
    t.strictSame(await tablesWith(net, thread), ['decision', 'exchange', 'fence', 'fence_space', 'tombstone'])
    t.equal(await textsOf(bob, thread), undefined)
  },
)

t.test(
  'a thread that was reached through the group goes with it; one with another route stays',
  async (t) => {
    await using world = await twoCompanies()
    const { net, alice, bob } = world
    const group = await startGroup(alice, { title: 'Partners' })
    const both = await startThread(alice, { title: 'Both ways', groups: [group] })
    const only = await startThread(alice, { title: 'Only through the group', groups: [group] })
    await share(net, alice, group, bob)
    await share(net, alice, both, bob)
    await post(alice, only, 'Marker-only.')
    await post(alice, both, 'Kept.')
    await net.eventually('bob sees both', async () => (await textsOf(bob, only)) !== undefined)
    await alice.ok('DELETE', `/api/spaces/${group}/members/${bob.id}`)
    await eventuallyPurged(net)
    t.strictSame(await tablesWith(net, 'Marker-'), [])
    t.equal(await textsOf(bob, only), undefined)
    t.strictSame(await textsOf(bob, both), ['Kept.'])
    await post(alice, both, 'Still here.')
    await eventuallySees(net, bob, both, 'Still here.')
  },
)

/** From now on nothing can be deleted from this table, as on a disk that is full. */
async function jam(net: Network, table: string): Promise<void> {
  const { db } = net.node('globex').context
  await sql`create or replace function jam() returns trigger language plpgsql as
    $$ begin raise exception 'no space left on device' using errcode = '53100'; end $$`.execute(db)
  await sql`create trigger jam before delete on ${sql.table(table)} for each row execute function jam()`.execute(
    db,
  )
}

async function clear(net: Network, table: string): Promise<void> {
  await sql`drop trigger jam on ${sql.table(table)}`.execute(net.node('globex').context.db)
}

t.test('FNC-02, FNC-15: it goes on after a full disk and a crash at every step, in its order', async (t) => {
  await using world = await twoCompanies()
  const { net, alice, bob } = world
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  await post(alice, thread, 'Marker-text.')
  await eventuallySees(net, bob, thread, 'Marker-text.')
  await bob.ok('PUT', `/api/spaces/${thread}/read`, { seq: 2 })
  const order = ['read_state', 'content', 'entry', 'member']
  const left = async (): Promise<string[]> => {
    const tables = await tablesWith(net, thread)
    return order.filter((table) => tables.some((name) => name.startsWith(table)))
  }
  t.strictSame(await left(), order)
  await jam(net, order[0]!)
  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
  for (const [i, table] of order.entries()) {
    await net.clock.advance(3 * 60_000)
    t.strictSame(await left(), order.slice(i), `stopped before ${table}`)
    t.equal(await textsOf(bob, thread), undefined, 'and nobody reads what is left')
    t.strictSame(
      await purgesAt(net),
      [{ purged: false, held: false }],
      'nothing is confirmed that is not done',
    )
    await net.crash('globex')
    await net.restart('globex')
    // It tries at once; a table that is changed under its statements would be a deadlock.
    await net.clock.settle()
    const next = order[i + 1]
    if (next !== undefined) await jam(net, next)
    await clear(net, table)
  }
  await eventuallyPurged(net)
  t.strictSame(await left(), [])
})

t.test('FNC-11: who never confirms is shown as not confirmed, alarmed, and sent nothing', async (t) => {
  await using world = await twoCompanies()
  const { net, alice, bob } = world
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  net.wire.loseAnswers((from, _to, { target }) => from === 'acme.test' && target.endsWith('/fences'))
  net.cut('acme', 'globex')
  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
  await post(alice, thread, 'Never for globex.')
  const [removal] = (await alice.get<{ removals: object[] }>(`/api/spaces/${thread}/removals`)).removals
  t.match(removal, { state: 'sent', overdue: false, purgedAt: null, person: { id: bob.id } })
  await net.clock.leap(25 * 60 * 60_000)
  await net.clock.advance(2 * 60_000)
  t.match((await alice.get<{ removals: object[] }>(`/api/spaces/${thread}/removals`)).removals, [
    { state: 'sent', overdue: true },
  ])
  const { db } = net.node('acme').context
  const alarms = await db
    .selectFrom('securityEvent')
    .select('kind')
    .where('kind', '=', 'removal-unconfirmed')
    .execute()
  t.equal(alarms.length, 1)
  net.heal('acme', 'globex')
  // Whoever was away says so by its first request.
  net.hear('acme', 'globex')
  await eventuallyPurged(net)
  t.match((await alice.get<{ removals: object[] }>(`/api/spaces/${thread}/removals`)).removals, [
    { state: 'purged', overdue: false, backupDays: 30 },
  ])
  t.notOk(net.wire.heardBy('globex.test').some(({ body }) => body.includes('Never for globex.')))
})

t.test(
  'FNC-12: a receipt for another order, of another list or from the future confirms nothing',
  async (t) => {
    await using world = await twoCompanies()
    const { net, alice, bob } = world
    const thread = await startThread(alice, { title: 'Launch' })
    const other = await startThread(alice, { title: 'Other' })
    await share(net, alice, thread, bob)
    await share(net, alice, other, bob)
    const { context } = net.node('globex')
    await jam(net, 'member')
    await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
    await net.clock.advance(60_000)
    const rows = await context.db.selectFrom('fenceSpace').selectAll().execute()
    const right = {
      v: 1,
      iss: context.node,
      aud: 'acme.test' as NodeId,
      n: 1,
      space: rows[0]!.spaceId,
      completed_at: context.clock.now(),
      spaces: hashFencedSpaces(rows.map((row) => [row.spaceId, row.fromSeq])),
      counts: { entries: 1, contents: 1, files: 0, kept: 0 },
      backup_days: 0,
    } as const
    const say = async (changes: object): Promise<string> => {
      const receipt = signPurge({ ...right, ...changes }, context.keys.signer)
      const answer = await callPeer(context, 'acme.test' as NodeId, {
        contract: confirmPurge,
        body: { receipt },
      })
      if (answer.ok) return answer.value.status
      return 'refused' in answer ? answer.refused.code : answer.failed.detail
    }
    t.equal(await say({ n: 2 }), 'fence-unknown')
    t.equal(await say({ space: other }), 'fence-unknown')
    t.equal(await say({ spaces: hashFencedSpaces([]) }), 'fence-unknown')
    t.equal(await say({ completed_at: context.clock.now() + 10 * 60_000 }), 'schema')
    t.equal(await say({ iss: 'acme.test' }), 'signature-invalid')
    t.strictSame(await purgesAt(net), [{ purged: false, held: false }])
    t.equal(await say({}), 'noted', 'and the right one does')
    await clear(net, 'member')
    await net.eventually('it is gone', async () => await isWithout(net, thread), 5 * 60_000)
  },
)

t.test('FNC-17: who is invited again meanwhile waits for the purge, and begins anew', async (t) => {
  await using world = await twoCompanies()
  const { net, alice, bob } = world
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  await post(alice, thread, 'Before.')
  await eventuallySees(net, bob, thread, 'Before.')
  await jam(net, 'entry')
  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
  await net.clock.advance(5_000)
  const id = await inviteTo(net, alice, thread, bob, { history: 'now' })
  await bob.ok('POST', `/api/invitations/${id}/accept`)
  await post(alice, thread, 'While it is being deleted.')
  await net.clock.advance(2 * 60_000)
  t.equal(await textsOf(bob, thread), undefined, 'nothing comes before the old copy is gone')
  await clear(net, 'entry')
  await eventuallyPurged(net)
  await post(alice, thread, 'Anew.')
  await eventuallySees(net, bob, thread, 'Anew.')
  t.notOk((await textsOf(bob, thread))?.includes('Before.'), 'and what came before is not there')
})

t.test('CLK-03: a clock that was wrong at a removal holds nobody up when it is right again', async (t) => {
  await using world = await twoCompanies()
  const { net, alice, bob } = world
  const thread = await startThread(alice, { title: 'Launch' })
  await share(net, alice, thread, bob)
  net.skew('acme', 10 * 60_000)
  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
  net.skew('acme', 0)
  await eventuallyPurged(net)
  const removalsOf = async (): Promise<Removal[]> =>
    (await alice.get<{ removals: Removal[] }>(`/api/spaces/${thread}/removals`)).removals
  const [first] = await removalsOf()
  t.match(first, { state: 'purged' }, 'it is deleted before it was ordered, by two clocks')
  await share(net, alice, thread, bob)
  await post(alice, thread, 'Anew.')
  await eventuallySees(net, bob, thread, 'Anew.')

  await jam(net, 'entry')
  await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
  await net.clock.advance(5_000)
  net.skew('globex', 10 * 60_000)
  await clear(net, 'entry')
  await net.eventually('it is deleted', async () => {
    return (await purgesAt(net, 'globex')).length === 2 && (await isWithout(net, thread))
  })
  await net.clock.advance(10_000)
  t.ok(
    (await purgesAt(net)).some(({ purged }) => !purged),
    'nobody believes a receipt from the future',
  )
  net.skew('globex', 0)
  await net.eventually(
    'acme has it',
    async () => (await purgesAt(net)).every(({ purged }) => purged),
    2 * 60_000,
  )
  const at = (await removalsOf()).map(({ purgedAt }) => purgedAt!)
  t.ok(
    at.every((one) => one <= net.clock.now),
    'and nobody is shown a time that is still to come',
  )
})
