import { listRemovalRecords, type RemovalPlace } from '#server/db/removals.ts'
import { openDatabase } from './database.ts'
import { settingsOf } from './place.ts'

// parley removals: every order to end access, given and taken, with the signed documents that prove it, oldest first,
// one JSON object a line.

export type RemovalsOptions = { readonly node?: string }

const rowsAtOnce = 500

export async function printRemovals(
  environment: NodeJS.ProcessEnv,
  { node }: RemovalsOptions,
  print: (line: string) => void,
): Promise<void> {
  const config = settingsOf({ environment, node })
  await using opened = new AsyncDisposableStack()
  const db = await openDatabase(config, opened)
  for (let after: RemovalPlace | undefined; ;) {
    const rows = await listRemovalRecords(db, config.node, { after, limit: rowsAtOnce })
    for (const row of rows) {
      const { host, node: to, n, spaceId: space, subject, action, at, jws: fence, receipt, spaces } = row
      const order = { host, node: to, n, space, subject, action, at }
      print(JSON.stringify({ ...order, fence, receipt, purge: row.purgeReceipt, spaces }))
    }
    const last = rows.at(-1)
    if (!last || rows.length < rowsAtOnce) return
    after = last
  }
}
