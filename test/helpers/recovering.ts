import type { Network } from './network.ts'

/** Until the node goes on as ever: everybody has answered, and nothing is shut. */
export async function eventuallyRecovers(net: Network, name: string): Promise<void> {
  await net.eventually(`${name} has recovered`, async () => {
    const { db, mode } = net.node(name).context
    const shut = await db.selectFrom('space').select('id').where('withheld', '=', true).execute()
    const open = await db
      .selectFrom('reconciliation')
      .select('node')
      .where('caughtUpAt', 'is', null)
      .execute()
    return !mode.recovering && shut.length === 0 && open.length === 0
  })
}
