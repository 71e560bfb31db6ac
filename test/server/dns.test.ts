import t from 'tap'
import { openHttp } from '#federation/transport/undici.ts'
import type { NodeId } from '#schema/ids.ts'
import { discover } from '#server/peers/discovery/discover.ts'
import { openFederationNode } from '../helpers/federation-node.ts'

t.test(
  'D2: a name that leads nowhere, or not to the internet, ends with its reason and without a connection',
  async (t) => {
    const fail = (code: string) => async () => {
      throw Object.assign(new Error(code), { code })
    }
    const cases = [
      [fail('ENOTFOUND'), 'dns', 'not-found'],
      [fail('ENODATA'), 'dns', 'not-found'],
      [async () => [], 'dns', 'not-found'],
      [fail('ESERVFAIL'), 'dns', 'failed'],
      [fail('EAI_AGAIN'), 'dns', 'failed'],
      [async () => ['10.0.0.1'], 'address-not-public', 'resolved'],
      [async () => ['203.0.113.1', '127.0.0.1'], 'address-not-public', 'resolved'],
      [async () => ['8.8.8.8', '127.0.0.1'], 'address-not-public', 'resolved'],
    ] as const
    let lookup: () => Promise<readonly string[]> = cases[0][0]
    const http = openHttp({ lookup: async () => await lookup() })
    t.teardown(async () => await http.close())
    const node = await openFederationNode('acme.test', http)
    t.teardown(async () => await node[Symbol.asyncDispose]())
    for (const [answer, reason, detail] of cases) {
      lookup = answer
      t.match(await discover(node.context, 'globex.test' as NodeId, true), { ok: false, reason, detail })
      t.match((await node.newExchanges()).at(-1), { peer: 'globex.test', verdict: 'failed', reason, detail })
    }
  },
)
