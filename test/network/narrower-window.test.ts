import { sql } from 'kysely'
import t from 'tap'
import type { UserId } from '#schema/ids.ts'
import { openDb } from '#server/db/open.ts'
import { Activity } from '#server/ports/activity.ts'
import { openLogger } from '#server/ports/logger.ts'
import { network } from '../helpers/network.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { eventuallySees, inviteTo, post, share, startGroup, startThread, textsOf } from '../helpers/spaces.ts'

// A company's window can come to begin later than its copy ends: the wider route was withdrawn before the log came.

t.test('what a company lacks comes without a gap, although its window begins behind it by now', async (t) => {
  await using net = await network(['acme', 'globex'])
  const alice = await net.person('alice', 'acme')
  const anna = await net.person('anna', 'acme')
  const bob = await net.person('bob', 'globex')
  const bea = await net.person('bea', 'globex')
  await net.befriend('acme', 'globex')
  const group = await startGroup(alice, { title: 'Team' })
  for (const person of [bob, bea]) await share(net, alice, group, person)
  const thread = await startThread(alice, { title: 'Plan', people: [anna], groups: [group] })
  await post(alice, thread, 'One.')
  await eventuallySees(net, bob, thread, 'One.')

  const isOfThread = (_: string, to: string, { target }: { target: string }): boolean =>
    to === 'globex.test' && target.includes(`${thread}/entries`)
  const arriveAgain = net.wire.lose(isOfThread)
  await post(alice, thread, 'Two.')
  const invitation = await inviteTo(net, alice, thread, bob, { history: 'now' })
  await bob.ok('POST', `/api/invitations/${invitation}/accept`)
  await net.eventually('bob is a member by himself', async () => {
    const { members } = await alice.get<{ members: { person: { id: string } }[] }>(`/api/spaces/${thread}`)
    return members.some(({ person }) => person.id === bob.id)
  })
  await alice.ok('DELETE', `/api/spaces/${thread}/groups/${group}`)
  arriveAgain()
  await post(anna, thread, 'Three.')
  await eventuallySees(net, bob, thread, 'Three.')
  t.strictSame(await textsOf(bob, thread), ['Three.'], 'he sees what his own window shows')
  t.equal(await textsOf(bea, thread), undefined)
})

t.test(
  'H1: a receipt does not outlive the copy, though another process hears meanwhile that it is gone',
  async (t) => {
    const { net, alice, bob, thread } = await sharedThread()
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const { db } = net.node('acme').context
    const cursor = db.selectFrom('cursor').selectAll().where('spaceId', '=', thread)
    const member = db.selectFrom('member').selectAll().where('spaceId', '=', thread)
    const before = await member.where('userId', '=', bob.id as UserId).executeTakeFirstOrThrow()
    const url = net.databaseOf('acme')
    const other = openDb({ url, connectionsMax: 1, activity: new Activity(), logger: openLogger('silent') })
    t.teardown(async () => await other.destroy())
    const standing = { space: thread, user: bob.id as UserId }
    await other.transaction().execute(async (tx) => {
      // They were out, their company has said that its copy is gone, and they are in again from some later entry on.
      await sql`update member set history = 'now', join_seq = 1000
        where space_id = ${standing.space} and user_id = ${standing.user}`.execute(tx)
      await tx
        .updateTable('cursor')
        .set({ ackedSeq: 0, ackedHash: null })
        .where('spaceId', '=', thread)
        .execute()
      await post(alice, thread, 'Answered with a receipt.')
      await waitsForLock(url)
    })
    await net.clock.settle()
    t.match(await cursor.execute(), [{ ackedSeq: 0, ackedHash: null }])
    const { history, joinSeq } = before
    await db
      .updateTable('member')
      .set({ history, joinSeq })
      .where('spaceId', '=', standing.space)
      .where('userId', '=', standing.user)
      .execute()
    await post(alice, thread, 'From the beginning.')
    await eventuallySees(net, bob, thread, 'From the beginning.')
  },
)

/** Resolves when somebody waits for a row that another transaction holds. */
async function waitsForLock(url: string): Promise<void> {
  const logger = openLogger('silent')
  const db = openDb({ url, connectionsMax: 1, activity: new Activity(), logger })
  try {
    for (;;) {
      const { rows } = await sql`
        select 1 from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(db)
      if (rows.length > 0) return
    }
  } finally {
    await db.destroy()
  }
}
