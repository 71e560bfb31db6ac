import { receiptKind } from '#federation/log-documents.ts'
import { nodeOf } from '#schema/ids.ts'
import type { Fault } from './fault.ts'
import { type Copy, hashAt, type Replica, type Replicas } from './load.ts'
import { participants, reaches } from './reach.ts'
import { readSignedBy } from './signatures.ts'

/** I-06: copies of one log agree where they overlap, at every moment; and, at rest, in all of it (I-20). */
export function agreementFaults(replicas: Replicas, quiescent = false): Fault[] {
  return copiesElsewhere(replicas).flatMap(({ host, follower, original, copy }) => {
    const { id } = copy.space
    const say = (invariant: Fault['id'], detail: string): Fault => ({
      id: invariant,
      node: follower.id,
      detail: `${id}: ${detail}`,
    })
    // From where its host went on in another epoch, a copy that is not in it yet may hold another branch.
    const turn = original.entries.find(({ epoch }) => epoch > copy.space.epoch)?.seq ?? Infinity
    const differs = copy.entries.find(({ seq, hash }) => seq < turn && hashAt(original, seq) !== hash)
    if (differs) return [say('I-06', `entry ${differs.seq} is not the one that ${host.id} has`)]
    const digests = new Map(original.entries.map(({ seq, stateDigest }) => [seq, stateDigest]))
    // What the state was before a snapshot is not known there.
    const judged = copy.entries.find(
      ({ seq, stateDigest }) =>
        seq < turn && seq > copy.space.snapshotSeq && digests.get(seq) !== stateDigest,
    )
    if (judged) return [say('I-06', `the state after ${judged.seq} is another than at ${host.id}`)]
    const isBehind = copy.space.headSeq !== original.space.headSeq
    const takesPart = participants(host, id).has(follower.id)
    if (quiescent && takesPart && isBehind) {
      return [say('I-20', `the copy ends at ${copy.space.headSeq} of ${original.space.headSeq}`)]
    }
    return []
  })
}

type Pair = {
  readonly host: Replica
  readonly follower: Replica
  readonly original: Copy
  readonly copy: Copy
}

function copiesElsewhere(replicas: Replicas): Pair[] {
  return [...replicas.values()].flatMap((follower) =>
    [...follower.copies.values()].flatMap((copy) => {
      const host = replicas.get(copy.space.host)
      const original = host?.copies.get(copy.space.id)
      // A host that was put back from a backup and does not know what it has said does not say it either.
      const isKnown = original && !original.space.withheld && original.space.frozen !== 'restore-loss'
      return host && host !== follower && isKnown ? [{ host, follower, original, copy }] : []
    }),
  )
}

/** I-16: a cursor stands only where a signed receipt puts it, and the follower holds what it says; at rest, all of it. */
export function deliveryFaults(replicas: Replicas, quiescent = false): Fault[] {
  return [...replicas.values()].flatMap((host) => [
    ...cursorFaults(host, replicas),
    ...(quiescent ? waitingFaults(host, replicas) : []),
  ])
}

function cursorFaults(host: Replica, replicas: Replicas): Fault[] {
  return host.cursors.flatMap(({ spaceId, node, ackedSeq, ackedHash }) => {
    if (ackedSeq === 0) return []
    const say = (detail: string): Fault => ({
      id: 'I-16',
      node: host.id,
      detail: `${spaceId} to ${node}: ${detail}`,
    })
    const row = host.receipts.find((receipt) => receipt.spaceId === spaceId && receipt.node === node)
    const receipt = row && readSignedBy(host, row.jws, receiptKind)
    // Behind a cut it stands at the cut, until the node has said where it is.
    if (!row && ackedHash === null && host.copies.get(spaceId)!.space.cuts > 0) return []
    const isSound =
      receipt !== undefined && receipt.iss === node && receipt.space === spaceId && receipt.seq === ackedSeq
    if (!isSound || receipt.hash !== ackedHash) return [say(`no receipt says ${ackedSeq}`)]
    if (hashAt(host.copies.get(spaceId)!, ackedSeq) !== ackedHash)
      return [say(`${ackedSeq} is another entry here`)]
    const follower = replicas.get(node)
    const held = follower?.copies.get(spaceId)?.space.headSeq ?? 0
    // Unless we have asked it to delete its copy since.
    const isPurged = host.fenceSpaces.some((one) => one.node === node && one.spaceId === spaceId)
    if (!follower || held >= ackedSeq || isPurged) return []
    return [say(`it confirmed ${ackedSeq} and holds ${held}`)]
  })
}

/** I-20: nothing waits anywhere. */
function waitingFaults(host: Replica, replicas: Replicas): Fault[] {
  const say = (detail: string): Fault => ({ id: 'I-20', node: host.id, detail })
  const waiting = host.pending.filter(({ state }) => state !== 'refused' && state !== 'expired')
  const messages = host.controlMessages.filter(({ doneAt }) => doneAt === null)
  const behind = [...host.copies.values()].flatMap(({ space }) => {
    if (space.host !== host.id) return []
    return [...participants(host, space.id)].flatMap((node) => {
      const cursor = host.cursors.find((one) => one.spaceId === space.id && one.node === node)
      const isDone = cursor?.ackedSeq === space.headSeq || !replicas.has(node)
      return isDone
        ? []
        : [`${space.id} to ${node} stands at ${cursor?.ackedSeq} of ${space.headSeq}, ${cursor?.stopped}`]
    })
  })
  return [
    ...waiting.map(({ eventId, state }) => say(`the event ${eventId} is still ${state}`)),
    ...messages.map(({ kind, node, outcome }) => say(`a message (${kind}) to ${node} waits: ${outcome}`)),
    ...behind.map(say),
    ...[...host.copies.values()].flatMap(({ space }) =>
      space.frozen === null ? [] : [say(`${space.id} is frozen: ${space.frozen}`)],
    ),
  ]
}

/**
 * At rest, somebody reaches a space at home exactly when its host says so: nothing is read that was ended (I-14), and
 * nothing is kept from anybody (I-20).
 */
export function accessFaults(replicas: Replicas): Fault[] {
  return [...replicas.values()].flatMap((host) => {
    const hosted = [...host.copies.values()].filter(({ space }) => space.host === host.id)
    const users = new Set(
      [...host.copies.values()].flatMap(({ members }) => members.map(({ userId }) => userId)),
    )
    return hosted.flatMap(({ space }) =>
      [...users].flatMap((user): Fault[] => {
        const home = replicas.get(nodeOf(user))
        if (!home || home === host) return []
        const may = reaches(host, user, space.id)
        if (may === reaches(home, user, space.id)) return []
        return [
          may
            ? { id: 'I-20', node: home.id, detail: `${user} is kept from ${space.id}` }
            : { id: 'I-14', node: home.id, detail: `${user} still reads ${space.id}` },
        ]
      }),
    )
  })
}
