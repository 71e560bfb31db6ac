import t from 'tap'
import type { Head } from '#federation/chain.ts'
import type { NodeId } from '#schema/ids.ts'
import { bringEvidence, getHead } from '#schema/wire/endpoints.ts'
import type { Evidence } from '#schema/wire/evidence.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import { probeHeads } from '#server/peers/truth/chores.ts'
import type { Network } from '../helpers/network.ts'
import { post, textsOf } from '../helpers/spaces.ts'
import { isFrozen, kindsAt, tell, threeInAThread } from '../helpers/two-faced.ts'

// A host that tells its followers different things, and how they find out.

async function evidenceAt(net: Network, node: string): Promise<Evidence | undefined> {
  const row = await net.node(node).context.db.selectFrom('evidence').selectAll().executeTakeFirst()
  return row && { a: row.a, b: row.b, entries: JSON.parse(row.entries) as string[] }
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
