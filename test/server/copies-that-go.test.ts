import { sql } from 'kysely'
import t from 'tap'
import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import { putCosignature } from '#server/db/cosignatures.ts'
import type { Db, Tx } from '#server/db/open.ts'
import { noteProbe } from '#server/db/probes.ts'
import { testNode } from '../helpers/node.ts'

// What is noted about a copy while another process deletes it.

const [node, hash] = ['globex.test' as NodeId, 'E'.repeat(43) as Hash]

const notes: Readonly<Record<string, (tx: Tx, spaceId: SpaceId) => Promise<void>>> = {
  'what another follower has': async (tx, spaceId) => await noteProbe(tx, { spaceId, seq: 1, node, at: 0 }),
  'a receipt of another follower': async (tx, spaceId) =>
    await putCosignature(tx, { spaceId, node, epoch: 1, seq: 1, hash, jws: '', at: 0 }),
}

for (const [what, note] of Object.entries(notes))
  t.test(`${what} is noted of no copy that is being deleted, and nothing breaks`, async (t) => {
    await using world = await testNode()
    const { db } = world.context
    const alice = await world.signUp('alice')
    const { id } = (await alice.post('/api/spaces', { kind: 'thread', title: 'Launch' })).json<{
      id: SpaceId
    }>()
    let noting: Promise<void> | undefined
    await db.transaction().execute(async (tx) => {
      // The rows that refer to it are no matter here.
      await sql`set local session_replication_role = replica`.execute(tx)
      await tx.deleteFrom('space').where('id', '=', id).execute()
      noting = db.transaction().execute(async (other) => await note(other, id))
      noting.catch(() => undefined)
      while (!(await isSomebodyWaiting(db)));
    })
    await t.resolves(noting!)
    t.strictSame(await db.selectFrom('probe').selectAll().execute(), [])
    t.strictSame(await db.selectFrom('cosignature').selectAll().execute(), [])
  })

async function isSomebodyWaiting(db: Db): Promise<boolean> {
  const { rows } = await sql`
    select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
  `.execute(db)
  return rows.length > 0
}
