import t from 'tap'
import type { Exchange } from '#schema/api/exchanges.ts'
import type { Peer } from '#schema/api/peers.ts'
import { flushExchanges } from '#server/peers/exchange/exchanges.ts'
import { openFederationNode } from '../helpers/federation-node.ts'
import { ScriptedHttp, ScriptedPeer } from '../helpers/scripted-peer.ts'

const http = new ScriptedHttp()
const node = await openFederationNode('acme.test', http)
t.teardown(async () => await node[Symbol.asyncDispose]())
const alice = await node.signUp('alice')
const anna = await node.signUp('anna')
const globex = new ScriptedPeer('globex.test', 1, () => node.time.now)
http.host(globex.node, globex.serve)

t.test('an administrator introduces a company by its domain as people type it', async (t) => {
  const answer = await alice.post('/api/peers', { node: ' Globex.TEST. ' })
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), { node: 'globex.test', state: 'waiting', baseUrl: globex.baseUrl })
  const { peers, fingerprint, developmentPeers, next } = (await alice.get('/api/peers')).json() as {
    peers: Peer[]
    fingerprint: string
    developmentPeers: string[]
    next: null
  }
  t.equal(next, null)
  t.same(developmentPeers, [], 'SSR-06: private addresses are reached in no other way')
  t.same(
    peers.map((peer) => peer.node),
    ['globex.test'],
    'not ourselves',
  )
  for (const text of [fingerprint, peers[0]!.fingerprint]) t.match(text, /^(?:\d{5} ){11}\d{5}$/)
  t.not(fingerprint, peers[0]!.fingerprint)
})

t.test('a domain without a node, a name that is none, and our own are refused with what to do', async (t) => {
  const codes = []
  for (const name of ['nowhere.test', '10.0.0.1', 'https://globex.test', 'acme.test']) {
    codes.push(
      (await alice.post('/api/peers', { node: name })).json<{ type: string }>().type.split(':').at(-1),
    )
  }
  t.same(codes, ['not-a-workspace', 'not-a-workspace', 'not-a-workspace', 'invalid-address'])
})

t.test('approving needs somebody to approve', async (t) => {
  t.equal((await alice.post('/api/peers/initech.test/approve')).statusCode, 404)
  t.equal((await alice.post('/api/peers/globex.test/approve')).statusCode, 200)
})

t.test('members see neither companies nor exchanges', async (t) => {
  for (const url of ['/api/peers', '/api/exchanges']) t.equal((await anna.get(url)).statusCode, 403)
  t.equal((await anna.post('/api/peers', { node: 'globex.test' })).statusCode, 403)
})

t.test('exchanges are read newest first, filtered, and in pages that neither repeat nor skip', async (t) => {
  await flushExchanges(node.context)
  const read = async (query: string) =>
    (await alice.get(`/api/exchanges?${query}`)).json() as { exchanges: Exchange[]; next: string | null }
  const all = await read('limit=200')
  t.ok(all.exchanges.length >= 4)
  t.equal(all.next, null)
  const walked: Exchange[] = []
  for (let next: string | null = ''; next !== null;) {
    const page: Awaited<ReturnType<typeof read>> = await read(
      `limit=1${next === '' ? '' : `&before=${next}`}`,
    )
    walked.push(...page.exchanges)
    next = page.next
  }
  t.same(walked, all.exchanges)
  t.same(
    new Set((await read('peer=globex.test')).exchanges.map(({ peer }) => peer)),
    new Set(['globex.test']),
  )
  t.match((await read('verdict=failed')).exchanges, [{ peer: 'nowhere.test', reason: 'dns' }])
  t.same((await read(`since=${node.time.now + 1}`)).exchanges, [])
  t.equal((await alice.get('/api/exchanges?before=x')).statusCode, 400)
})
