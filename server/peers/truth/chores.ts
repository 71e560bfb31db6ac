import type { NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { listUncosigned, listUnprobed } from '#server/db/probes.ts'
import { fraction } from '#server/ports/random.ts'
import { alarmDaily } from '../alarm.ts'
import { probeSpaces } from './probe.ts'
import { doBranchWishes } from './branch-wishes.ts'
import { auditSelf } from './self-audit.ts'

const hourMs = 60 * 60 * 1000
const spacesAtOnce = 1_000

/** What participants do by themselves so that a host which tells them different things is found out. */
export function startTruthChores(context: Context): void {
  context.tasks.every('head probes', hourMs, async () => {
    await probeHeads(context)
    await findWithheld(context)
  })
  context.tasks.every('branch wishes', limits.branchWishesMs, async () => await doBranchWishes(context))
  context.tasks.every('self-audit', 24 * hourMs, async () => await auditSelf(context))
}

/** One other follower is asked about each log that has changed, each hour another one by chance. */
export async function probeHeads(context: Context): Promise<void> {
  const due = new Map<NodeId, SpaceId[]>()
  for (const { id, others } of await listUnprobed(context.db, context.node, spacesAtOnce)) {
    const node = others[Math.floor(fraction(context.random) * others.length)]!
    due.set(node, [...(due.get(node) ?? []), id])
  }
  for (const [node, spaces] of due) {
    for (let i = 0; i < spaces.length && !context.tasks.signal.aborted; i += limits.probesMax)
      await probeSpaces(context, node, spaces.slice(i, i + limits.probesMax))
  }
}

async function findWithheld(context: Context): Promise<void> {
  const which = { longerThanMs: limits.cosignaturesMissingMs, limit: spacesAtOnce }
  for (const { id: space, host: peer } of await listUncosigned(context.db, context.node, which)) {
    const detail =
      'a day of entries that no other company has confirmed: they are away, or the host withholds it'
    await alarmDaily(context, { kind: 'cosignatures-missing', peer, space, detail, freeze: false })
  }
}
