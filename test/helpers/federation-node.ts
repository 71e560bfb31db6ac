import { sql } from 'kysely'
import type { Http } from '#federation/transport/http.ts'
import type { Context } from '#server/context.ts'
import type { ExchangeRow } from '#server/db/exchanges.ts'
import { type TestNode, testNode, type TestNodeOptions } from './node.ts'
import { exchangesOf } from './records.ts'

// A node as other nodes see it: on a socket, with nothing going on in the background, under a clock that stands
// still until the test moves it.

export type FederationNode = AsyncDisposable & {
  readonly context: Context
  readonly app: TestNode['app']
  readonly signUp: TestNode['signUp']
  readonly port: number
  readonly time: { now: number }
  /** The rows of the federation log that were not told before, oldest first. */
  newExchanges(): Promise<ExchangeRow[]>
  /** Everything the database says, but for the federation log and the nonces. */
  fingerprint(): Promise<string>
}

export async function openFederationNode(
  name: string,
  http: Http,
  replace: Pick<TestNodeOptions, 'logger' | 'config'> = {},
): Promise<FederationNode> {
  const time = { now: 1_800_000_000_000 }
  const node = await testNode({ node: name, http, clock: clockOf(time), ...replace })
  const { context, app } = node
  // Not node.listen, which would begin to talk by itself.
  await app.listen({ host: '127.0.0.1', port: 0 })
  const told = new Set<string>()
  return {
    context,
    app,
    signUp: node.signUp,
    port: (app.server.address() as { port: number }).port,
    time,
    async newExchanges() {
      const fresh = (await exchangesOf(context)).filter(({ id }) => !told.has(id))
      for (const { id } of fresh) told.add(id)
      return fresh
    },
    fingerprint: async () => await fingerprintOf(context),
    [Symbol.asyncDispose]: async () => await node[Symbol.asyncDispose](),
  }
}

function clockOf(time: { readonly now: number }): Context['clock'] {
  return {
    now: () => time.now,
    mono: () => time.now,
    // Time does not come by itself; whoever waits is told to stop.
    sleep: async (ms, signal) => {
      if (ms <= 0 || signal?.aborted) return
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }))
    },
  }
}

async function fingerprintOf({ db }: Context): Promise<string> {
  const { rows } = await sql<{ all: string }>`
    select table_name || ': ' || coalesce(
      (xpath('//text/text()', query_to_xml(
        format('select string_agg(t::text, %L order by t::text) as text from %I t', E'\n', table_name), false, true, ''
      )))[1]::text, '') as all
    from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not in ('exchange', 'nonce')
    order by 1
  `.execute(db)
  return rows.map((row) => row.all).join('\n')
}
