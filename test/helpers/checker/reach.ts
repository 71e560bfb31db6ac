import { includesThread } from '#federation/reach.ts'
import { type NodeId, nodeOf, type SpaceId, type UserId } from '#schema/ids.ts'
import type { Replica } from './load.ts'

// Who reaches what by the rows that a node holds: the predicate of `server/db/access.ts`, said once more in memory.

export function reaches(replica: Replica, user: UserId, space: SpaceId): boolean {
  if (isFenced(replica, user, space)) return false
  if (isMember(replica, user, space)) return true
  const { recipients } = replica.copies.get(space) ?? { recipients: [] }
  return recipients.some(({ groupId, removeSeq, anchorSeq }) => {
    if (removeSeq !== null || isFenced(replica, user, groupId)) return false
    const member = openMember(replica, user, groupId)
    return member !== undefined && includesThread(member.history, member.joinSeq, anchorSeq)
  })
}

function isMember(replica: Replica, user: UserId, space: SpaceId): boolean {
  return openMember(replica, user, space) !== undefined
}

function openMember({ copies }: Replica, user: UserId, space: SpaceId) {
  return copies.get(space)?.members.find((row) => row.userId === user && row.untilSeq === null)
}

/** A fence that the node's copy of the log has not caught up with. */
function isFenced({ copies, fences }: Replica, user: UserId, space: SpaceId): boolean {
  const copy = copies.get(space)
  return fences.some(
    ({ host, node, spaceId, subject, fromSeq }) =>
      spaceId === space &&
      (subject === user || subject === '*') &&
      node === nodeOf(user) &&
      host === copy?.space.host &&
      fromSeq > copy.space.headSeq,
  )
}

/** The other nodes from which somebody takes part in a space that this node hosts: as a member, or through a group. */
export function participants(host: Replica, space: SpaceId): Set<NodeId> {
  const nodes = new Set<NodeId>()
  const { recipients } = host.copies.get(space)!
  const through = recipients.filter((row) => row.removeSeq === null).map((row) => row.groupId)
  for (const one of [space, ...through]) {
    for (const { node, userId, untilSeq } of host.copies.get(one)?.members ?? []) {
      if (untilSeq === null && node !== host.id && reaches(host, userId, space)) nodes.add(node)
    }
  }
  return nodes
}
