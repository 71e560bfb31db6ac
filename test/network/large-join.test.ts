import { sql } from 'kysely'
import t from 'tap'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { compareHeads } from '#schema/wire/endpoints.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import { digestState } from '#federation/state.ts'
import type { Context } from '#server/context.ts'
import { findSpace, findStateRow, loadStates } from '#server/db/spaces.ts'
import { forgeEvent, submit } from '../helpers/forge.ts'
import { eventuallySees, inviteTo, post, share, startGroup, startThread, textsOf } from '../helpers/spaces.ts'
import { twoCompanies } from '../helpers/two-companies.ts'

// Joining what is as large as it gets, and what a peer cannot make a node do on the way.

const letters = 'abcdefghijklmnopqrstuvwxyz234567'

/** The n-th of many: every tenth of acme, the others of 49 companies. */
function userOf(n: number): UserId {
  const digits = Array.from({ length: 3 }, (_, i) => letters[Math.floor(n / 32 ** i) % 32]).join('')
  const node = n % 10 === 0 ? 'acme.test' : `company${n % (limits.nodesPerSpaceMax - 1)}.test`
  return `u_${digits.padEnd(26, 'a')}@${node}` as UserId
}

/**
 * Writes people and companies into a group as if its last state entry had brought them all: five thousand entries would
 * take a minute, and what comes before a history is not sent.
 */
async function crowd(context: Context, space: SpaceId, users: readonly UserId[]): Promise<void> {
  const { db, log } = context
  const { stateSeq } = (await findStateRow(db, space))!
  await sql`insert into "user" (id, node, name, identity_version)
    select id, split_part(id, '@', 2), 'Member of the crowd', 1 from unnest(${users}::text[]) as u (id)`.execute(
    db,
  )
  await sql`insert into member (space_id, user_id, node, join_seq, from_seq, role, history)
    select ${space}, id, split_part(id, '@', 2), ${stateSeq}, ${stateSeq}, 'member', 'all'
    from unnest(${users}::text[]) as u (id)`.execute(db)
  await sql`insert into space_node (space_id, node, add_seq)
    select distinct space_id, node, ${stateSeq}::bigint from member where space_id = ${space} and node <> 'acme.test'`.execute(
    db,
  )
  const digest = digestState((await loadStates(db, [space])).get(space)!)
  await sql`update space_state set digest = ${digest} where space_id = ${space}`.execute(db)
  await sql`update entry set state_digest = ${digest} where space_id = ${space} and seq = ${stateSeq}`.execute(
    db,
  )
  log.states.drop(space)
}

t.test('JOI-11: a group of 5,000 members of 50 companies is joined within the limits', async (t) => {
  const { net, alice, bob } = await twoCompanies({ except: ['I-09', 'I-11'] })
  t.teardown(async () => await net[Symbol.asyncDispose]())
  await net.person('anna', 'acme')
  const space = (await startGroup(alice, { title: 'Everybody' })) as SpaceId
  await alice.ok('POST', `/api/spaces/${space}/members`, { handle: 'anna' })
  const users = Array.from({ length: limits.membersPerSpaceMax - 3 }, (_, n) => userOf(n))
  await crowd(net.node('acme').context, space, users)
  const before = net.wire.sightings.length
  const id = await inviteTo(net, alice, space, bob, { history: 'now' })
  const began = net.clock.now
  await bob.ok('POST', `/api/invitations/${id}/accept`)
  await net.eventually('bob is in', async () => (await textsOf(bob, space)) !== undefined)
  t.ok(net.clock.now - began < 10_000, 'within ten seconds')
  await post(alice, space, 'Welcome.')
  await eventuallySees(net, bob, space, 'Welcome.')
  const parts = net.wire.sightings.slice(before).filter(({ target }) => target.includes('/snapshot'))
  t.equal(parts.length, Math.ceil(limits.membersPerSpaceMax / limits.snapshotLinesPerPart))
  t.ok(parts.every(({ answer }) => answer.length < 2 * 1024 * 1024))
  const { rows } = await sql<Record<string, number>>`
    select (select count(*) from member where space_id = ${space} and until_seq is null) as members,
      (select count(*) from space_node where space_id = ${space} and remove_seq is null) as nodes,
      (select count(*) from "user" where name = 'Member of the crowd') as names
  `.execute(net.node('globex').context.db)
  const ofAcme = users.filter((user) => user.endsWith('@acme.test')).length
  t.strictSame(rows[0], { members: users.length + 3, nodes: limits.nodesPerSpaceMax, names: ofAcme })
})

t.test('GAP-05: of many spaces, those alone are pulled that differ', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const group = await startGroup(alice, { title: 'Team' })
  await share(net, alice, group, bob)
  const threads: SpaceId[] = []
  for (let n = 0; n < 12; n++) {
    threads.push((await startThread(alice, { title: `Thread ${n}`, groups: [group] })) as SpaceId)
  }
  for (const thread of threads)
    await net.eventually('it is there', async () => (await textsOf(bob, thread)) !== undefined)
  net.cut('acme', 'globex')
  for (const thread of threads.slice(0, 3)) await post(alice, thread, 'News.')
  await net.crash('globex')
  net.heal('acme', 'globex')
  const before = net.wire.sightings.length
  // The host says nothing by itself.
  const stop = net.wire.loseAnswers((from, _, { method }) => from === 'acme.test' && method === 'POST')
  await net.restart('globex')
  for (const thread of threads.slice(0, 3)) await eventuallySees(net, bob, thread, 'News.')
  stop()
  const pulled = net.wire.sightings
    .slice(before)
    .filter(
      ({ from, method, target }) => from === 'globex.test' && method === 'GET' && target.includes('/entries'),
    )
    .map(({ target }) => /s_[A-Za-z0-9_-]{43}/.exec(target)![0])
  t.ok(pulled.every((space) => threads.slice(0, 3).includes(space as SpaceId)))
  // Heads that are not there to be compared are told apart from those that differ.
  const heads = threads.slice(3).map((space) => [space, 1, 1, space.slice(2)] as never)
  const unknown = `s_${'B'.repeat(42)}A` as SpaceId
  const answer = await callPeer(net.node('globex').context, 'acme.test' as NodeId, {
    contract: compareHeads,
    body: { spaces: [...heads, [unknown, 1, 1, unknown.slice(2)] as never] },
  })
  t.ok(answer.ok && answer.value.differ.length === 9)
  t.strictSame(answer.ok && answer.value.unknown, [unknown])
})

t.test('JOI-09: nothing that a peer proposes is ever signed', async (t) => {
  const { net, alice, bob } = await twoCompanies()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const space = (await startThread(alice, { title: 'Launch' })) as SpaceId
  await share(net, alice, space, bob)
  const followed = (await startThread(bob, { title: 'Theirs' })) as SpaceId
  await share(net, bob, followed, alice)
  const globex = net.node('globex').context
  const acme = net.node('acme').context
  const host = acme.node
  const template = forgeEvent(globex, { space, sender: alice.id as UserId, origin: host })
  const answer = await submit(globex, space, [template])
  t.match(answer, { ok: true, value: { results: [{ status: 'rejected' }] } })
  const elsewhere = forgeEvent(globex, {
    space: followed,
    host: globex.node,
    sender: alice.id as UserId,
    origin: host,
  })
  t.notOk((await submit(globex, followed, [elsewhere])).ok, 'nor where acme is a follower')
  await net.clock.advance(60_000)
  t.strictSame(await acme.db.selectFrom('pending').selectAll().execute(), [])
  const signed = net.wire.sightings
    .flatMap(({ from, body, answer: said }) => [
      ...(from === host ? [body] : []),
      ...(from === host ? [] : [said]),
    ])
    .flatMap((text) => [...text.matchAll(/[\w-]+\.([\w-]+)\.[\w-]{86}/g)])
    .map((match) => Buffer.from(match[1]!, 'base64url').toString())
  t.ok(signed.length > 10, 'there is something to look through')
  t.notOk(signed.some((payload) => payload.includes(template.hash) || payload.includes(elsewhere.hash)))
  t.equal((await findSpace(acme.db, space))!.headSeq, (await findSpace(globex.db, space))!.headSeq)
})
