import t, { type Test } from 'tap'
import { hello } from '#schema/wire/endpoints.ts'
import { type FederationNode, openFederationNode } from '../helpers/federation-node.ts'
import { codeOf, type TestPerson } from '../helpers/node.ts'
import { signedRequest } from '../helpers/partner.ts'
import { sendRaw } from '../helpers/raw-request.ts'
import { ScriptedHttp, ScriptedPeer } from '../helpers/scripted-peer.ts'

// Companies named as welcome or unwelcome before they have ever asked.

type World = { node: FederationNode; owner: TestPerson; http: ScriptedHttp }

async function world(t: Test): Promise<World> {
  const http = new ScriptedHttp()
  const node = await openFederationNode('home.test', http)
  t.teardown(async () => await node[Symbol.asyncDispose]())
  return { node, owner: await node.signUp('olga'), http }
}

let seeds = 50

/** A company asks to be a partner. Answers the code of the refusal, or how it stands now. */
async function asks({ node, http }: World, name: string): Promise<string> {
  const peer = new ScriptedPeer(name, ++seeds, () => node.time.now)
  http.host(name, peer.serve)
  const body = Buffer.from(JSON.stringify({ approved: true, op_hash: peer.log.opHash, ver: 1 }))
  const target = `/federation${hello.url}`
  const answer = await sendRaw(node.port, signedRequest(peer, { to: node.context.node, target, body }))
  return answer.problem.type?.split(':').at(-1) ?? (JSON.parse(answer.text) as { status: string }).status
}

type Peers = { peers: { node: string; state: string; looksLike: string | null }[] }

async function peerOf(owner: TestPerson, name: string): Promise<Peers['peers'][number] | undefined> {
  return (await owner.get('/api/peers')).json<Peers>().peers.find(({ node }) => node === name)
}

t.test('OPS-01: an entry matches the ids that it means, label by label, and shows which', async (t) => {
  const at = await world(t)
  const { owner } = at
  for (const name of ['globex.example', 'deep.globex.example', 'globex.badexample', 'example.globex.test']) {
    await asks(at, name)
  }
  const preview = async (pattern: string): Promise<unknown> => {
    const answer = await owner.post('/api/peer-rules/preview', { pattern })
    return codeOf(answer) ?? answer.json<{ pattern: string; matches: string[] }>()
  }
  t.equal(await preview('example'), 'invalid-address', 'one label names nobody')
  t.equal(await preview('EXAMPLE'), 'invalid-address')
  t.equal(await preview('*example'), 'invalid-address')
  t.equal(await preview('glo*.example'), 'invalid-address')
  t.match(await preview('*.example'), {
    pattern: '*.example',
    matches: ['deep.globex.example', 'globex.example'],
  })
  t.match(await preview('*.globex.example'), { matches: ['deep.globex.example'] })
  t.match(await preview(' GLOBEX.Example. '), { pattern: 'globex.example', matches: ['globex.example'] })
})

t.test('a welcome company is a partner when it asks, and an unwelcome one is not looked at', async (t) => {
  const at = await world(t)
  const { owner, http } = at
  await owner.put('/api/peer-rules', { pattern: '*.example', list: 'allow' })
  await owner.put('/api/peer-rules', { pattern: 'bad.example', list: 'block' })
  t.equal(await asks(at, 'globex.example'), 'active')
  t.match(await peerOf(owner, 'globex.example'), { state: 'partner' })
  const before = http.asked.length
  t.equal(await asks(at, 'bad.example'), 'partner-blocked', 'by its own name, whatever the pattern says')
  t.equal(http.asked.length, before, 'nothing is fetched for it')
  t.equal(await asks(at, 'initech.test'), 'approval-pending')
  t.match(await peerOf(owner, 'initech.test'), { state: 'asking' })
  const { decisions } = (await owner.get('/api/decisions?kind=introduction')).json<{
    decisions: { verdict: string; rule: string; peer: string }[]
  }>()
  t.match(decisions.map(({ peer, verdict, rule }) => `${peer} ${verdict} ${rule}`).toSorted(), [
    'globex.example allowed list=allow',
    'initech.test approval inbound=approval',
  ])
  const listed = await owner.request('DELETE', '/api/peer-rules/bad.example')
  t.match(listed.json(), { rules: [{ pattern: '*.example', list: 'allow' }] })
})

t.test(
  'UNI-06: a name that only looks like a welcome one is not matched, and administrators are warned',
  async (t) => {
    const at = await world(t)
    const { owner } = at
    await owner.put('/api/peer-rules', { pattern: 'acme.example', list: 'allow' })
    // "acme" with a Cyrillic a.
    const homograph = 'xn--cme-5cd.example'
    t.equal(await asks(at, homograph), 'approval-pending')
    t.match(await peerOf(owner, homograph), { state: 'asking', looksLike: 'acme.example' })
    const preview = await owner.post('/api/peer-rules/preview', { pattern: 'acme.example' })
    t.match(preview.json(), { matches: [], lookalikes: [homograph] })
    t.equal(await asks(at, 'acme.example'), 'active')
    t.match(await peerOf(owner, 'acme.example'), { state: 'partner', looksLike: null })
  },
)
