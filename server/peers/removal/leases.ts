import { faultOfLease, leaseKind, lifeOfLease, signLease } from '#federation/lease.ts'
import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { pullLease as pullContract, pushLease as pushContract } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { countFences, findLease, holdFenceCounter, putGivenLease, putTakenLease } from '#server/db/leases.ts'
import { findLastFence } from '#server/db/fences.ts'
import { reachesAny } from '#server/db/participation.ts'
import { policyTowards } from '#server/policy/effective.ts'
import { Refusal } from '#server/refusal.ts'
import { callPeer } from '../exchange/call.ts'
import { expectSigned, readSigned } from '../exchange/signed.ts'
import { pullFences } from './fence-pull.ts'

// Leases: a host's word that a node may let its users read, for a while, once it has all fences up to a number. Lost
// fences cannot be passed over, and a node that hears nothing stops reading by itself (§12.3, A9).

/** Signs a new lease for a node. The number of the last fence is read with its counter held (A25). */
export async function issueLease(context: Context, node: NodeId): Promise<string> {
  const { lease: strictness } = await policyTowards(context.db, node)
  const { life, outage } = lifeOfLease(strictness)
  const iat = Math.floor(context.clock.now() / 1000)
  const renew = iat + Math.floor(life / limits.leaseRenewalPart)
  return await context.db.transaction().execute(async (tx) => {
    const fencesUpto = await holdFenceCounter(tx, node)
    const times = { iat, renew, until: iat + life, outage_until: iat + outage }
    const jws = signLease(
      { v: 1, iss: context.node, aud: node, ...times, fences_upto: fencesUpto },
      context.keys.signer,
    )
    const before = await findLease(tx, context.node, node)
    // Renewal is due at once until the node has answered.
    const renewAt = before?.renewAt ?? 0
    await putGivenLease(tx, {
      host: context.node,
      node,
      iat: iat * 1000,
      renewAt,
      untilAt: times.until * 1000,
      outageUntil: times.outage_until * 1000,
      fencesUpto,
      fencesHave: before?.fencesHave ?? 0,
      jws,
    })
    return jws
  })
}

/** Gives a node a new lease. False: it could not be reached, or would not take it. */
export async function pushLease(context: Context, node: NodeId): Promise<boolean> {
  const lease = await issueLease(context, node)
  const answer = await callPeer(context, node, { contract: pushContract, body: { lease } })
  if (!answer.ok) return false
  await noteGiven(context, node, answer.value.fences)
  return true
}

/** The node has the lease that we signed last: when the next is due, and which fences it says it has. */
export async function noteGiven(context: Context, node: NodeId, fencesHave: number): Promise<void> {
  await context.db.transaction().execute(async (tx) => {
    const given = await findLease(tx, context.node, node)
    if (!given) return
    const renewAt = given.iat + Math.floor((given.untilAt - given.iat) / limits.leaseRenewalPart)
    await putGivenLease(tx, { ...given, renewAt, fencesHave })
  })
}

/** A node asks for a lease. Who reaches nothing here has nothing to serve. */
export async function serveLease(context: Context, node: NodeId): Promise<{ lease: string }> {
  if (!(await reachesAny(context.db, context.node, node))) throw new Refusal('not-visible')
  const lease = await issueLease(context, node)
  return { lease }
}

/** Takes a lease that its host has pushed. */
export async function receiveLease(
  context: Context,
  host: NodeId,
  text: string,
): Promise<{ fences: number }> {
  await expectSigned(context, host, text, leaseKind)
  const fault = await takeLease(context, host, text)
  if (fault !== undefined) throw new Refusal('schema', { detail: fault })
  const taken = await findLease(context.db, host, context.node)
  if (taken && taken.fencesHave < taken.fencesUpto) context.wake.signal('leases')
  return { fences: taken?.fencesHave ?? 0 }
}

/** Asks a host for a lease. False: there is none to be had. */
export async function pullLease(context: Context, host: NodeId): Promise<boolean> {
  const answer = await callPeer(context, host, { contract: pullContract })
  return answer.ok && (await takeLease(context, host, answer.value.lease)) === undefined
}

/** Believes a lease, or says what is wrong with it. An older one than ours changes nothing. */
export async function takeLease(context: Context, host: NodeId, text: string): Promise<string | undefined> {
  const lease = await readSigned(context, host, text, leaseKind)
  if (!lease.ok) return lease.detail ?? lease.code
  const { iat, renew, until, outage_until: outage, fences_upto: fencesUpto } = lease.value.payload
  const fault = faultOfLease(lease.value.payload, Math.floor(context.clock.now() / 1000))
  if (fault) return fault.detail ?? fault.code
  // One that names a fence which is still on its way would shut every space of this host until that has come.
  if ((await findLastFence(context.db, host, context.node)) < fencesUpto) await pullFences(context, host)
  await context.db.transaction().execute(
    async (tx) =>
      await putTakenLease(tx, {
        host,
        node: context.node,
        iat: iat * 1000,
        renewAt: renew * 1000,
        untilAt: until * 1000,
        outageUntil: outage * 1000,
        fencesUpto,
        jws: text,
      }),
  )
  context.wake.signal('leases')
  return undefined
}

/** Counts the fences of a host again, after they were asked for. */
export async function recountFences(context: Context, host: NodeId): Promise<void> {
  await context.db.transaction().execute(async (tx) => await countFences(tx, host, context.node))
}
