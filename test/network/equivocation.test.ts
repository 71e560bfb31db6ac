import t from 'tap'
import type { Head } from '#federation/chain.ts'
import type { MessagePost } from '#schema/event/message-post.ts'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { bringEvidence, getHead } from '#schema/wire/endpoints.ts'
import type { Evidence } from '#schema/wire/evidence.ts'
import { findSpace } from '#server/db/spaces.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import { probeHeads } from '#server/peers/truth/chores.ts'
import { forgeEntry, forgeEvent, push } from '../helpers/forge.ts'
import { network, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { eventuallySees, post, share, startThread, textsOf } from '../helpers/spaces.ts'

// A host that tells its followers different things, and how they find out.

type World = { net: Network; alice: Person; bob: Person; carol: Person; space: SpaceId; head: Head }

/** acme hosts a thread with people of globex and initech. */
async function threeInAThread(): Promise<World> {
  // What acme pushes here is not in its own log.
  const net = await network(['acme', 'globex', 'initech'], { except: ['I-06', 'I-16'] })
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  const carol = await net.person('carol', 'initech')
  await net.befriend('acme', 'globex')
  await net.befriend('acme', 'initech')
  const space = (await startThread(alice, { title: 'Launch' })) as SpaceId
  await share(net, alice, space, bob)
  await share(net, alice, space, carol)
  await post(alice, space, 'Before.')
  await eventuallySees(net, bob, space, 'Before.')
  await eventuallySees(net, carol, space, 'Before.')
  const { epoch, headSeq, headHash } = (await findSpace(net.node('acme').context.db, space))!
  return { net, alice, bob, carol, space, head: { epoch, seq: headSeq, hash: headHash } }
}

/** acme tells one node that alice wrote this next; the answer is that node's receipt. */
async function tell(
  { net, alice, space }: World,
  to: string,
  { after, text, cosigs }: { after: Head; text: string; cosigs?: string[] },
): Promise<{ head: Head; receipt: string }> {
  const acme = net.node('acme').context
  const content: MessagePost = { text, fmt: 'plain', mentions: [] }
  const event = forgeEvent(acme, { space, sender: alice.id as UserId, content })
  const entry = forgeEntry(space, after, event, acme.clock.now())
  const answer = await push(
    acme,
    `${to}.test`,
    space,
    [{ entry, wire: event.wire }],
    cosigs ? { cosigs } : {},
  )
  if (!answer.ok) throw new Error(`${to} did not take it: ${JSON.stringify(answer)}`)
  return { head: { epoch: 1, seq: entry.body.seq, hash: entry.hash }, receipt: answer.value.receipt }
}

const isFrozen = async (net: Network, node: string, space: SpaceId): Promise<boolean> =>
  (await findSpace(net.node(node).context.db, space))!.frozen !== null

async function evidenceAt(net: Network, node: string): Promise<Evidence | undefined> {
  const row = await net.node(node).context.db.selectFrom('evidence').selectAll().executeTakeFirst()
  return row && { a: row.a, b: row.b, entries: JSON.parse(row.entries) as string[] }
}

async function kindsAt(net: Network, node: string): Promise<string[]> {
  const rows = await net.node(node).context.db.selectFrom('securityEvent').select(['kind', 'peer']).execute()
  return rows.map(({ kind, peer }) => `${kind} ${peer}`)
}

t.test('EQV-01: two followers who were told different things find out by cosignatures', async (t) => {
  const world = await threeInAThread()
  const { net, bob, carol, space, head } = world
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const one = await tell(world, 'globex', { after: head, text: 'To globex.' })
  const other = await tell(world, 'initech', { after: head, text: 'To initech.' })
  await tell(world, 'globex', { after: one.head, text: 'And on.', cosigs: [other.receipt] })
  await net.eventually('both followers have stopped', async () => {
    return (await isFrozen(net, 'globex', space)) && (await isFrozen(net, 'initech', space))
  })
  t.ok((await kindsAt(net, 'globex')).includes('cosignature-conflict acme.test'))
  t.ok((await kindsAt(net, 'initech')).includes('equivocation acme.test'), 'the host is named')
  t.ok(await evidenceAt(net, 'globex'))
  // Nothing is merged, and what was there can be read.
  t.strictSame(await textsOf(bob, space), ['Before.', 'To globex.', 'And on.'])
  t.strictSame(await textsOf(carol, space), ['Before.', 'To initech.'])
  const answer = await bob.ask('POST', `/api/spaces/${space}/messages`, { text: 'Into the void.' })
  t.match(answer, { status: 409, body: { type: /space-frozen/ } })
})

t.test('[O5] a cosignature that its node did not sign stops nothing', async (t) => {
  const world = await threeInAThread()
  const { net, bob, space, head } = world
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const { receipt } = await tell(world, 'initech', { after: head, text: 'To initech.' })
  const [protectedHeader, payload, signature] = receipt.split('.')
  const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as { kept: Head }
  claims.kept = { ...claims.kept, hash: head.hash }
  const forged = Buffer.from(JSON.stringify(claims)).toString('base64url')
  await tell(world, 'globex', {
    after: head,
    text: 'To globex.',
    cosigs: [`${protectedHeader}.${forged}.${signature}`],
  })
  await net.clock.advance(1_000)
  const { db } = net.node('globex').context
  t.strictSame(
    await db.selectFrom('cosignature').select('jws').where('jws', 'like', `%.${forged}.%`).execute(),
    [],
  )
  t.equal(await isFrozen(net, 'globex', space), false)
  t.strictSame(await kindsAt(net, 'globex'), [])
  await post(bob, space, 'And on.')
})

t.test('EQV-05: without cosignatures a probe of another follower finds it within the hour', async (t) => {
  const world = await threeInAThread()
  const { net, space, head } = world
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const one = await tell(world, 'globex', { after: head, text: 'To globex.' })
  await tell(world, 'globex', { after: one.head, text: 'More to globex.' })
  await tell(world, 'initech', { after: head, text: 'To initech.' })
  // The hourly probe, without the hour.
  await probeHeads(net.node('initech').context)
  await net.eventually('both followers have stopped', async () => {
    return (await isFrozen(net, 'globex', space)) && (await isFrozen(net, 'initech', space))
  })
  const evidence = await evidenceAt(net, 'initech')
  t.equal(evidence?.entries?.length, 1, 'the entry between the two checkpoints shows it')
})

t.test('EQV-06: a head is told to who takes part, and to nobody else', async (t) => {
  const world = await threeInAThread()
  const { net, carol, space } = world
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const { context } = net.node('initech')
  const ask = async (node: string) =>
    await callPeer(context, node as NodeId, { contract: getHead, params: { space } })
  t.match(await ask('globex.test'), { ok: true, value: { receipts: [] } })
  t.match(await ask('acme.test'), { ok: true }, 'of the host, too')
  await carol.ok('DELETE', `/api/spaces/${space}/members/${encodeURIComponent(carol.id)}`)
  await net.eventually('globex has heard of it', async () => {
    const answer = await ask('globex.test')
    return 'refused' in answer && answer.refused.code === 'not-visible'
  })
  t.match(await ask('acme.test'), { refused: { code: 'not-visible' } })
})

t.test('I-27: evidence counts for what it shows, once, whoever brings it', async (t) => {
  const world = await threeInAThread()
  const { net, bob, space, head } = world
  t.teardown(async () => await net[Symbol.asyncDispose]())
  await tell(world, 'globex', { after: head, text: 'To globex.' })
  await tell(world, 'initech', { after: head, text: 'To initech.' })
  const checkpointAt = async (node: string): Promise<string> => {
    const { db } = net.node(node).context
    return (
      await db.selectFrom('checkpoint').select('jws').where('spaceId', '=', space).executeTakeFirstOrThrow()
    ).jws
  }
  const [a, b] = [await checkpointAt('globex'), await checkpointAt('initech')]
  const bring = async (evidence: Evidence) =>
    await callPeer(net.node('initech').context, 'globex.test' as NodeId, {
      contract: bringEvidence,
      params: { space },
      body: evidence,
    })
  t.match(await bring({ a, b: a }), { refused: { code: 'no-conflict' } })
  t.match(await bring({ a, b: `${b.slice(0, -8)}AAAAAAAA` }), { refused: { code: 'signature-invalid' } })
  t.equal(await isFrozen(net, 'globex', space), false)
  t.match(await bring({ a, b }), { ok: true })
  t.match(await bring({ a: b, b: a }), { ok: true }, 'the same again')
  t.equal(await isFrozen(net, 'globex', space), true)
  const events = (await kindsAt(net, 'globex')).filter((kind) => kind === 'equivocation acme.test')
  t.equal(events.length, 1)
  await net.eventually('the host is told what it did', async () => await isFrozen(net, 'acme', space))
  const { events: shown } = await bob.get<{ events: { kind: string; evidence: object | null }[] }>(
    '/api/security-events',
  )
  t.match(shown[0], {
    kind: 'equivocation',
    peer: 'acme.test',
    spaceId: space,
    evidence: { a: String, b: String },
  })
})
