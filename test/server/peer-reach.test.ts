import t from 'tap'
import type { Peer } from '#schema/api/peers.ts'
import { limits } from '#schema/limits.ts'
import { ping } from '#schema/wire/endpoints.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import { flushExchanges } from '#server/peers/exchange/exchanges.ts'
import { openFederationNode } from '../helpers/federation-node.ts'
import { password } from '../helpers/node.ts'
import { openPartner } from '../helpers/partner.ts'
import { ScriptedHttp } from '../helpers/scripted-peer.ts'

// What administrators see of a company that does not answer (SPEC G7).

const http = new ScriptedHttp()
const node = await openFederationNode('acme.test', http)
t.teardown(async () => await node[Symbol.asyncDispose]())
await node.signUp('alice')
const globex = await openPartner(node, http, { node: 'globex.test', seed: 1 })

async function seen(): Promise<Pick<Peer, 'reach' | 'failingSince' | 'state'>> {
  await flushExchanges(node.context)
  // A session does not last as long.
  const signIn = { method: 'POST', url: '/api/sessions', payload: { handle: 'alice', password } } as const
  const { token } = (await node.app.inject(signIn)).json<{ token: string }>()
  const headers = { authorization: `Bearer ${token}` }
  const answer = await node.app.inject({ method: 'GET', url: '/api/peers', headers })
  const { peers } = answer.json<{ peers: Peer[] }>()
  const { reach, failingSince, state } = peers[0]!
  return { reach, failingSince, state }
}

const call = async () => await callPeer(node.context, globex.node, { contract: ping })

t.test(
  'who does not answer is failing, unreachable after a day, presumably gone after a month',
  async (t) => {
    t.same(await seen(), { reach: 'answers', failingSince: null, state: 'partner' })
    http.host(globex.node, () => ({ status: 502 }))
    node.time.now += 1_000
    const failingSince = node.time.now
    await call()
    t.same(await seen(), { reach: 'failing', failingSince, state: 'partner' })
    node.time.now += limits.peerUnreachableMs - 1
    await call()
    t.match(await seen(), { reach: 'failing', failingSince })
    node.time.now += 1
    t.match(await seen(), { reach: 'unreachable', failingSince })
    node.time.now = failingSince + limits.peerGoneMs
    t.same(await seen(), { reach: 'gone', failingSince, state: 'partner' }, 'and nothing follows by itself')
  },
)

t.test('a refusal is an answer', async (t) => {
  const problem = { type: 'urn:parley:problem:stranger', title: 'No.', status: 403, retry: 'never' }
  http.host(globex.node, (request) =>
    request.target.endsWith('/v1/ping')
      ? {
          status: 403,
          headers: { 'content-type': 'application/problem+json' },
          body: Buffer.from(JSON.stringify(problem)),
        }
      : globex.serve(request),
  )
  globex.state()
  node.time.now += 2 * limits.retryDelayMaxMs
  await call()
  t.match(await seen(), { reach: 'answers', failingSince: null })
})
