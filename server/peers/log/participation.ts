import { hashHeader, readEvent } from '#federation/event.ts'
import type { Incoming } from '#federation/replica.ts'
import type { SpaceCreate } from '#schema/event/space-create.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { isReachedFrom } from '#server/db/access.ts'
import { countRemaining } from '#server/db/fences.ts'
import { hasAcceptedInvite } from '#server/db/invites.ts'
import { findSpace, takingEpoch } from '#server/db/spaces.ts'

/** Does this batch begin with the genesis of the space? */
export function isBeginning(space: SpaceId, incoming: readonly Incoming[]): boolean {
  const first = incoming[0]
  return first?.entry.body.seq === 1 && `s_${hashHeader(first.wire.header)}` === space
}

/**
 * May this space begin here, which we do not hold (A5)? Only if a user of ours has accepted an invitation into it, or
 * the batch addresses a group that we hold, of the same host, with a member of ours. So nobody can fill our database
 * with spaces that nobody here asked for.
 */
export async function mayBegin(
  context: Context,
  host: NodeId,
  space: SpaceId,
  incoming: readonly Incoming[],
): Promise<boolean> {
  if (await hasAcceptedInvite(context.db, space, host)) return true
  for (const group of groupsIn(incoming)) {
    const row = await findSpace(context.db, group)
    if (row?.host !== host || row.kind !== 'group') continue
    if ((await countRemaining(context.db, group, context.node)) > 0) return true
  }
  return false
}

/**
 * A copy begins anew only where none of our users reaches the space by the one we have, or an administrator has agreed to
 * an epoch that it does not lead to: as long as somebody reaches it the log goes on without a gap, and whoever hides
 * entries of it convicts themselves. `asked`: the space stands in a list that we asked for.
 */
export async function mayBeginAnew(
  { db, node }: Context,
  host: NodeId,
  space: SpaceId,
  asked = false,
): Promise<boolean> {
  const row = await findSpace(db, space)
  if (row) {
    if (row.host !== host) return false
    if (row.frozen === takingEpoch) return true
    if (await isReachedFrom(db, space, node)) return false
  }
  return asked || (await hasAcceptedInvite(db, space, host))
}

function groupsIn(incoming: readonly Incoming[]): SpaceId[] {
  return incoming.flatMap(({ wire }) => {
    const event = readEvent(wire)
    if (!event.ok) return []
    const { header, content } = event.value
    if (header.type === 'space.create') {
      const genesis = content as SpaceCreate
      return genesis.kind === 'thread' ? genesis.recipients.groups : []
    }
    return header.type === 'recipient.add' ? [(content as { group: SpaceId }).group] : []
  })
}
