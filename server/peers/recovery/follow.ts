import type { NodeId, SpaceId } from '#schema/ids.ts'
import { listHosted } from '#schema/wire/recovery.ts'
import type { Context } from '#server/context.ts'
import { alone } from '#server/db/open.ts'
import { release } from '#server/db/recovery.ts'
import { findSpace } from '#server/db/spaces.ts'
import { callPeer } from '../exchange/call.ts'
import { pullSpace } from '../log/pull.ts'
import { pullFences } from '../removal/fence-pull.ts'
import { pullLease, recountFences } from '../removal/leases.ts'
import { purgeFor } from '../removal/purge.ts'
import { reasonOf } from './ask.ts'

/**
 * Comes to know what a host has said since the backup, in this order: whose access it ended, what it had deleted, what
 * was written, and under which lease it may be read. Only then is anything of it read again (SPEC B5). Undefined: done.
 */
export async function followAgain(context: Context, host: NodeId): Promise<string | undefined> {
  if (!(await pullFences(context, host))) return 'fences'
  await recountFences(context, host)
  if (!(await purgeFor(context, host))) return 'purges'
  const spaces: SpaceId[] = []
  for (let after: SpaceId | null | undefined; after !== null;) {
    const answer = await callPeer(context, host, {
      contract: listHosted,
      query: after === undefined ? {} : { after },
    })
    if (!answer.ok) return reasonOf(answer)
    for (const [space, , seq, hash] of answer.value.spaces) {
      spaces.push(space)
      const row = await findSpace(context.db, space)
      if (row?.headSeq === seq && row.headHash === hash) continue
      // Who of ours belongs there is proved by our own signature in its log, wherever our rows of it are (E26).
      await pullSpace(context, host, space, { asked: true })
    }
    ;({ after } = answer.value)
  }
  if (spaces.length > 0 && !(await pullLease(context, host))) return 'lease'
  await release(alone(context.db), { host })
  context.live.recheck({})
  context.wake.signal('access')
  return undefined
}
