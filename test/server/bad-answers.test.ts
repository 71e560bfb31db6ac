import t from 'tap'
import * as contracts from '#schema/wire/endpoints.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import { openFederationNode } from '../helpers/federation-node.ts'
import { openPartner } from '../helpers/partner.ts'
import { ScriptedHttp } from '../helpers/scripted-peer.ts'

const space = `s_${'A'.repeat(43)}`
const params = { space, jti: 'A'.repeat(22), sub: `u_${'a'.repeat(26)}@globex.test`, n: '1' }

t.test('SSR-05: a redirect of a signed request is no answer, whatever its body says', async (t) => {
  const http = new ScriptedHttp()
  const node = await openFederationNode('acme.test', http)
  t.teardown(async () => await node[Symbol.asyncDispose]())
  const globex = await openPartner(node, http, { node: 'globex.test', seed: 1 })
  const location = 'https://mallory.test/federation/v1/hello'
  http.host('mallory.test', globex.serve)
  const signed = Object.values(contracts).filter(({ policy }) => policy !== 'anyone')
  t.ok(signed.length > 20)
  const statuses = [301, 302, 303, 307, 308]
  for (const [n, contract] of signed.entries()) {
    const status = statuses[n % statuses.length]!
    http.host(globex.node, () => ({
      status,
      headers: { location, 'content-type': 'application/parley+json' },
      body: Buffer.from('{"status":"active"}'),
    }))
    // So that it is not left alone for having failed so often.
    node.time.now += 30 * 60_000
    const asked = http.asked.length
    const call = { contract, params, ...(contract.method === 'POST' ? { body: {} } : {}) }
    t.match(await callPeer(node.context, globex.node, call as never), {
      ok: false,
      failed: { reason: 'http-status', detail: `redirect-${status}` },
    })
    t.equal(http.asked.length, asked + 1, `${contract.method} ${contract.url}: nobody else was asked`)
  }
})
