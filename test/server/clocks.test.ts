import { Writable } from 'node:stream'
import t from 'tap'
import type { NodeId } from '#schema/ids.ts'
import { openLogger } from '#server/ports/logger.ts'
import { openFederationNode } from '../helpers/federation-node.ts'
import { openPartner } from '../helpers/partner.ts'
import { keyPair, ScriptedHttp } from '../helpers/scripted-peer.ts'

const acme = 'acme.test' as NodeId

t.test(
  'CLK-01: a peer whose clock is two minutes off is refused with our time, and operators see how far',
  async (t) => {
    const lines: string[] = []
    const destination = new Writable({ write: (line, _encoding, done) => (lines.push(String(line)), done()) })
    const http = new ScriptedHttp()
    const node = await openFederationNode(acme, http, { logger: openLogger('warn', destination) })
    t.teardown(async () => await node[Symbol.asyncDispose]())
    const alice = await node.signUp('alice')
    const globex = await openPartner(node, http, { node: 'globex.test', seed: 1 })
    const url = '/federation/v1/ping'
    const ask = async (offset: number, signer = globex.keys) => {
      const nowSeconds = globex.nowSeconds + offset
      const headers = { host: acme, ...globex.sign({ to: acme, target: url }, { nowSeconds }, signer) }
      const answer = await node.app.inject({ url, headers })
      return { status: answer.statusCode, ...answer.json<{ type?: string; now?: number }>() }
    }
    const shown = async (): Promise<number | null | undefined> => {
      const { peers } = (await alice.get('/api/peers')).json<{ peers: { clockDeltaMs: number | null }[] }>()
      return peers[0]?.clockDeltaMs
    }
    t.equal(await shown(), null)
    for (const [offset, direction] of [
      [-120, 'behind'],
      [120, 'ahead'],
    ] as const) {
      node.time.now += 3_600_000
      lines.length = 0
      const answer = await ask(offset)
      t.match(answer, { status: 401, type: 'urn:parley:problem:clock-skew', now: globex.nowSeconds })
      t.match(await ask(offset), { status: 401 })
      const [row] = await node.newExchanges()
      t.match(row, { code: 'clock-skew', clockDeltaMs: offset * 1000 })
      const { exchanges } = (await alice.get('/api/exchanges?peer=globex.test')).json<{
        exchanges: object[]
      }>()
      t.match(exchanges[0], { code: 'clock-skew', clockDeltaMs: offset * 1000 })
      t.equal(await shown(), offset * 1000)
      t.match(
        lines.map((line) => JSON.parse(line) as unknown),
        [{ peer: 'globex.test', clockDeltaMs: offset * 1000, direction }],
      )
      t.equal(lines.length, 1, 'once an hour')
      await node.newExchanges()
    }
    const forged = { ...keyPair(66), signer: { ...keyPair(66).signer, kid: globex.keys.key.kid } }
    t.match(await ask(-600, forged), { status: 401 })
    t.equal(await shown(), 120_000, 'what anybody may write is no word of theirs')
    t.match(await ask(0), { status: 200 })
    t.equal(await shown(), 0)
  },
)
