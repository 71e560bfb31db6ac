import t from 'tap'
import type { Http } from '#federation/transport/http.ts'
import type { NodeId, UserId } from '#schema/ids.ts'
import { listControlMessages, finishControlMessage } from '#server/db/control-messages.ts'
import { getPeer, isPartner } from '#server/db/peers.ts'
import { approve, introduce, sendHello } from '#server/peers/partners/trust.ts'
import { viewPeer } from '#server/peers/partners/view.ts'
import { type FederationNode, openFederationNode } from '../helpers/federation-node.ts'

// Two nodes and two administrators who each say yes once, in any order.

type Name = 'acme' | 'globex'
type World = AsyncDisposable & {
  readonly nodes: Record<Name, FederationNode>
  introduce(by: Name): Promise<void>
  approve(by: Name): Promise<void>
  /** Sends what waits at a node. */
  send(from: Name): Promise<void>
  states(): Promise<string[]>
}

const other = { acme: 'globex', globex: 'acme' } as const
const id = (name: Name): NodeId => `${name}.test` as NodeId

async function openWorld(): Promise<World> {
  const apps = new Map<string, FederationNode>()
  const http: Http = {
    async send({ origin, method, target, headers, body }) {
      const { app } = apps.get(origin)!
      const answer = await app.inject({
        method,
        url: target,
        headers,
        ...(body ? { payload: Buffer.from(body) } : {}),
      })
      const { statusCode: status, rawPayload } = answer
      return {
        ok: true,
        answer: { status, headers: answer.headers as Record<string, string>, body: rawPayload },
      }
    },
    close: async () => undefined,
  }
  const nodes = {
    acme: await openFederationNode(id('acme'), http),
    globex: await openFederationNode(id('globex'), http),
  }
  for (const name of ['acme', 'globex'] as const) apps.set(`https://${id(name)}`, nodes[name])
  const admin = { userId: `u_${'a'.repeat(26)}@acme.test` as UserId }
  return {
    nodes,
    introduce: async (by) => void (await introduce(nodes[by].context, admin, id(other[by]))),
    approve: async (by) => void (await approve(nodes[by].context, admin, id(other[by]))),
    async send(from) {
      const { context } = nodes[from]
      for (const message of await listControlMessages(context.db, id(other[from]), 10)) {
        const sent = await sendHello(context, message)
        if (sent.do !== 'finish') throw new Error(`Not sent: ${JSON.stringify(sent)}`)
        await context.db
          .transaction()
          .execute(async (tx) => await finishControlMessage(tx, message.id, 1, sent.outcome))
      }
    },
    async states() {
      const { acme, globex } = nodes
      const rows = [
        await getPeer(acme.context.db, id('globex')),
        await getPeer(globex.context.db, id('acme')),
      ]
      return rows.map((row) => viewPeer(acme.context, row).state)
    },
    async [Symbol.asyncDispose]() {
      for (const node of Object.values(nodes)) await node[Symbol.asyncDispose]()
    },
  }
}

t.test('one introduces, the other approves: both are partners', async (t) => {
  await using world = await openWorld()
  await world.introduce('acme')
  await world.send('acme')
  t.same(await world.states(), ['waiting', 'asking'])
  await world.approve('globex')
  t.same(await world.states(), ['waiting', 'partner'])
  await world.send('globex')
  t.same(await world.states(), ['partner', 'partner'])
  t.equal(isPartner(await getPeer(world.nodes.acme.context.db, id('globex'))), true)
})

t.test(
  'both introduce at the same time: both are partners, in whichever order the hellos arrive',
  async (t) => {
    await using world = await openWorld()
    await Promise.all([world.introduce('acme'), world.introduce('globex')])
    await Promise.all([world.send('globex'), world.send('acme')])
    t.same(await world.states(), ['partner', 'partner'])
  },
)

t.test('repeats change nothing', async (t) => {
  await using world = await openWorld()
  await world.introduce('acme')
  await world.introduce('acme')
  await world.send('acme')
  await world.approve('globex')
  await world.send('globex')
  const before = await world.nodes.acme.fingerprint()
  await world.approve('globex')
  await world.send('globex')
  t.equal(await world.nodes.acme.fingerprint(), before)
  t.same(await world.states(), ['partner', 'partner'])
})

t.test('each step is in the federation log of both, and each yes in the audit of its side', async (t) => {
  await using world = await openWorld()
  await world.introduce('acme')
  await world.send('acme')
  const out = (await world.nodes.acme.newExchanges()).filter(
    ({ route, direction }) => route === '/v1/hello' && direction === 'out',
  )
  const arrived = (await world.nodes.globex.newExchanges()).filter(({ route }) => route === '/v1/hello')
  t.match(out, [{ peer: 'globex.test', verdict: 'accepted', lane: 'control', status: 200 }])
  t.match(arrived, [{ direction: 'in', peer: 'acme.test', verdict: 'accepted', status: 200 }])
  const audit = await world.nodes.acme.context.db.selectFrom('audit').selectAll().execute()
  t.match(audit, [{ act: 'peer.introduce', subject: 'globex.test' }])
  t.match(await getPeer(world.nodes.acme.context.db, id('globex')), {
    lastSuccessAt: world.nodes.acme.time.now,
  })
})

t.test('who was never introduced cannot be approved, and nobody introduces themselves', async (t) => {
  await using world = await openWorld()
  await t.rejects(world.approve('globex'), { code: 'not-found' })
  const { context } = world.nodes.acme
  await t.rejects(introduce(context, { userId: 'u' as UserId }, id('acme')), { code: 'invalid-address' })
})
