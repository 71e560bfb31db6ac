import pg from 'pg'
import { withDatabase } from '../../scripts/test/database.ts'

/** A connection of the simulation's own: it sees who waits for whom, and ends what a crash would end. */
export type Monitor = AsyncDisposable & {
  /** Those of these backends that wait for a lock that another one holds. */
  blocked(pids: readonly number[]): Promise<number[]>
  /** Ends backends together, and waits until their transactions are rolled back. */
  end(pids: readonly number[]): Promise<void>
}

export async function openMonitor(url: string): Promise<Monitor> {
  const client = new pg.Client(withDatabase(url, 'postgres'))
  client.on('error', () => undefined)
  await client.connect()
  // One question at a time, as the protocol has it.
  let last: Promise<unknown> = Promise.resolve()
  async function ask(text: string, values: unknown[]): Promise<{ pid: number }[]> {
    const asked = last.then(async () => await client.query<{ pid: number }>(text, values))
    last = asked.catch(() => undefined)
    return (await asked).rows
  }
  const waitMs = 10_000
  return {
    async blocked(pids) {
      const rows = await ask(
        'select p.pid from unnest($1::int[]) as p (pid) where cardinality(pg_blocking_pids(p.pid)) > 0',
        [pids],
      )
      return rows.map((row) => row.pid)
    },
    async end(pids) {
      // First all are told, so that none waits for another; then each is waited for.
      await ask('select pg_terminate_backend(p.pid) from unnest($1::int[]) as p (pid)', [pids])
      await ask('select pg_terminate_backend(p.pid, $2) from unnest($1::int[]) as p (pid)', [pids, waitMs])
    },
    async [Symbol.asyncDispose]() {
      await client.end()
    },
  }
}
