import { fenceReceiptKind } from '#federation/fence.ts'
import { nodeOf, type UserId } from '#schema/ids.ts'
import type { Fault } from './fault.ts'
import type { Replica, Replicas } from './load.ts'
import { readSignedBy } from './signatures.ts'

/**
 * I-17: every end of a membership elsewhere has its fence, from the same transaction; their numbers have no gap; and
 * one is done with only when the other node has signed for it, and has it.
 */
export function fenceFaults(host: Replica, replicas: Replicas, quiescent = false): Fault[] {
  const say = (detail: string): Fault => ({ id: 'I-17', node: host.id, detail })
  const issued = host.fences.filter((fence) => fence.host === host.id)
  return [
    ...numberFaults(host).map(say),
    ...missing(host).map(say),
    ...issued.flatMap((fence) => {
      const { node, n } = fence
      if (fence.ackedAt === null)
        return quiescent && replicas.has(node) ? [say(`fence ${n} to ${node} is open`)] : []
      const receipt = fence.receipt === null ? undefined : readSignedBy(host, fence.receipt, fenceReceiptKind)
      if (receipt?.iss !== node || receipt.n !== n) return [say(`fence ${n} to ${node} has no receipt`)]
      const there = replicas.get(node)?.fences.find((one) => one.host === host.id && one.n === n)
      return replicas.has(node) && there?.hash !== fence.hash
        ? [say(`${node} signed for fence ${n} without it`)]
        : []
    }),
  ]
}

function numberFaults(host: Replica): string[] {
  const issued = Map.groupBy(
    host.fences.filter((fence) => fence.host === host.id),
    ({ node }) => node,
  )
  const counters = new Map(host.fenceCounters.map(({ node, n }) => [node, n]))
  return [...new Set([...issued.keys(), ...counters.keys()])].flatMap((node) => {
    const numbers = (issued.get(node) ?? []).map(({ n }) => n).toSorted((a, b) => a - b)
    const isDense = numbers.every((n, i) => n === i + 1) && numbers.length === (counters.get(node) ?? 0)
    return isDense ? [] : [`the fences to ${node} are ${numbers.join(', ')}, counted ${counters.get(node)}`]
  })
}

/** Ends of memberships of other nodes' users that no fence carries. */
function missing(host: Replica): string[] {
  const known = new Set(
    host.fences.map(({ spaceId, subject, fromSeq }) => `${spaceId} ${subject} ${fromSeq}`),
  )
  return [...host.copies.values()].flatMap(({ space, entries }) => {
    if (space.host !== host.id) return []
    return entries.flatMap(({ type, seq, content }) => {
      if ((type !== 'member.leave' && type !== 'member.remove') || content === null) return []
      const { user } = JSON.parse(content) as { user: UserId }
      const home = nodeOf(user)
      if (home === host.id || known.has(`${space.id} ${user} ${seq}`)) return []
      // With the last of a company went all who were removed in the same transaction.
      if (
        host.fences.some(
          (f) => f.node === home && f.spaceId === space.id && f.subject === '*' && f.fromSeq >= seq,
        )
      )
        return []
      return [`nothing tells ${nodeOf(user)} of the end at ${seq} in ${space.id}`]
    })
  })
}
