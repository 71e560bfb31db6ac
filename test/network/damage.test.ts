import { sql } from 'kysely'
import t from 'tap'
import { buildEntry, readEntry } from '#federation/chain.ts'
import type { SpaceId } from '#schema/ids.ts'
import { findSpace } from '#server/db/spaces.ts'
import type { Db } from '#server/db/open.ts'
import { auditLogs } from '#server/log/audit.ts'
import { auditSelf } from '#server/peers/truth/self-audit.ts'
import { hiccups } from '../helpers/hiccups.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { eventuallySees, post, startThread, textsOf } from '../helpers/spaces.ts'

// What disks do to a node, and what it notices.

t.test('SEQ-13: a byte that was flipped in the database is found, and stops that log alone', async (t) => {
  const { net, alice, bob, thread: space } = await sharedThread({ except: ['I-05', 'I-06', 'I-16'] })
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const other = await startThread(alice, { title: 'Whole' })
  const { context } = net.node('acme')
  const { db } = context
  t.match(await auditLogs(db), { spaces: 2, damages: [] })
  const { headSeq: seq } = (await findSpace(db, space))!
  const flips = {
    'its content is another': sql`update content set text = replace(text, 'Before', 'Befora') where space_id = ${space} and seq = ${seq}`,
    'it is about another event': sql`update entry set header = replace(header, '"v":1', '"v":2') where space_id = ${space} and seq = ${seq}`,
    'its hash is another': sql`update entry set text = replace(text, '"v":1', '"v":1 ') where space_id = ${space} and seq = ${seq}`,
  }
  for (const [what, flip] of Object.entries(flips)) {
    await flip.execute(db)
    t.match(await auditLogs(db), { damages: [{ space, seq, what }] }, what)
  }
  await auditSelf(context)
  t.equal((await findSpace(db, space))!.frozen, 'damaged-log')
  const { events } = await alice.get<{ events: object[] }>('/api/security-events?kind=damaged-log')
  t.match(events, [{ peer: 'acme.test', spaceId: space, detail: /entry \d+ in this database/ }])
  t.equal((await alice.ask('POST', `/api/spaces/${space}/messages`, { text: 'More.' })).status, 409)
  t.equal((await alice.ask('POST', `/api/spaces/${other}/messages`, { text: 'More.' })).status, 201)
  // Nor does it leave this node.
  await db
    .updateTable('cursor')
    .set({ ackedSeq: seq - 1 })
    .where('spaceId', '=', space)
    .execute()
  const before = net.wire.sightings.length
  await net.clock.advance(15_000)
  const pushes = net.wire.sightings.slice(before).filter(({ method, target }) => {
    return method === 'POST' && target.endsWith(`/${space}/entries`)
  })
  t.strictSame(pushes, [])
  t.strictSame(await textsOf(bob, space), ['Before.'])
})

t.test(
  'SEQ-13: an entry that was exchanged for another whole one is found by the one after it',
  async (t) => {
    const { net, thread: space } = await sharedThread({ except: ['I-05', 'I-06', 'I-11', 'I-16'] })
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const { db } = net.node('acme').context
    const { headSeq } = (await findSpace(db, space))!
    const of = db.selectFrom('entry').select('text').where('spaceId', '=', space)
    const { text } = await of.where('seq', '=', headSeq - 1).executeTakeFirstOrThrow()
    const read = readEntry(text)
    if (!read.ok) throw new Error('What is stored can be read.')
    const other = buildEntry({ ...read.value.body, at: read.value.body.at + 1 })
    const exchanged = db.updateTable('entry').set({ text: other.text, hash: other.hash, at: other.body.at })
    await exchanged
      .where('spaceId', '=', space)
      .where('seq', '=', headSeq - 1)
      .execute()
    t.match(await auditLogs(db), {
      damages: [{ space, seq: headSeq, what: 'it does not follow the one before' }],
    })
  },
)

t.test('FAN-50: what a crash has taken from a follower comes again, and it signs nothing else', async (t) => {
  const { net, alice, bob, thread: space } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const kept = new Map<number, Set<string>>()
  await post(alice, space, 'Confirmed, and lost.')
  await eventuallySees(net, bob, space, 'Confirmed, and lost.')
  // Nothing goes on at globex just now: its next start finds what a disk has left that said it had written.
  await loseLast(net.node('globex').context.db, space)
  await net.crash('globex')
  await net.restart('globex')
  await post(alice, space, 'And on.')
  await eventuallySees(net, bob, space, 'And on.')
  t.strictSame(await textsOf(bob, space), ['Before.', 'Confirmed, and lost.', 'And on.'])
  for (const { target, answer } of net.wire.heardBy('globex.test')) {
    if (!target.endsWith(`/${space}/entries`)) continue
    const { receipt } = JSON.parse(answer) as { receipt?: string }
    if (receipt === undefined) continue
    const payload = JSON.parse(Buffer.from(receipt.split('.')[1]!, 'base64url').toString()) as {
      kept: { seq: number; hash: string }
    }
    const { seq, hash } = payload.kept
    kept.set(seq, (kept.get(seq) ?? new Set()).add(hash))
  }
  t.ok(kept.size > 2)
  t.ok([...kept.values()].every(({ size }) => size === 1))
})

t.test(
  'a node whose database is away for a moment while it starts speaks to others all the same',
  async (t) => {
    const database = hiccups()
    const { net, alice, bob, thread: space } = await sharedThread({ client: database.client })
    t.teardown(async () => await net[Symbol.asyncDispose]())
    await net.crash('acme')
    // Once to see whether it was put back from a backup; then before it speaks to anybody.
    database.fail(/approved and not blocked/, { after: 1, times: 2 })
    await net.restart('acme')
    await post(alice, space, 'After the start.')
    await eventuallySees(net, bob, space, 'After the start.')
  },
)

/** The last entry was never written; it is a message, so nothing else was. */
async function loseLast(db: Db, space: SpaceId): Promise<void> {
  const { headSeq } = (await findSpace(db, space))!
  await db.transaction().execute(async (tx) => {
    for (const table of ['entry', 'content'] as const)
      await tx.deleteFrom(table).where('spaceId', '=', space).where('seq', '=', headSeq).execute()
    await tx.deleteFrom('checkpoint').where('spaceId', '=', space).execute()
    await sql`
      update space set head_seq = e.seq, head_hash = e.hash, head_at = e.at
      from entry e where e.space_id = space.id and e.seq = space.head_seq - 1 and space.id = ${space}
    `.execute(tx)
  })
}
