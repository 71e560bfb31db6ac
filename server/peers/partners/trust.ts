import type { NodeId, UserId } from '#schema/ids.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import { hello } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { insertAudit } from '#server/db/audit.ts'
import { type ControlMessage, insertControlMessage } from '#server/db/control-messages.ts'
import type { Tx } from '#server/db/open.ts'
import { getPeer, holdPeer, isPartner, type PeerRow, setStanding } from '#server/db/peers.ts'
import { policyTowards } from '#server/policy/effective.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { callPeer } from '../exchange/call.ts'
import { discover, ensurePeer, lookForKeys } from '../discovery/discover.ts'
import { acquaintanceWith } from '#server/policy/acquaintance.ts'
import { decide } from '#server/policy/decide.ts'
import { recordDecision } from '#server/policy/record.ts'
import { reloadOwnDocuments } from '../discovery/self.ts'
import { type Sent, sentOf } from '../sent.ts'

// Who is a partner. Each side has one bit of its own, what its administrator has said, and tells the other by a
// signed `hello`. A partner is who has said yes and to whom we have said yes; since each side only ever repeats its
// own bit, the order in which administrators act and how often a hello arrives make no difference.

type By = { readonly userId: UserId }

/** An administrator names a company: find it, pin it, say yes to it, and tell it so. */
export async function introduce(context: Context, actor: By, node: NodeId): Promise<PeerRow> {
  const found = await discover(context, node, true)
  if (!found.ok) throw new Refusal(codeOf(found.code), { reason: found.reason, cause: found.detail })
  return await sayYes(context, actor, { node, act: 'peer.introduce' })
}

/** An administrator says yes to a company that asked, or that was introduced before. */
export async function approve(context: Context, actor: By, node: NodeId): Promise<PeerRow> {
  if (node === context.node) throw new Refusal('not-found')
  return await sayYes(context, actor, { node, act: 'peer.approve' })
}

/**
 * Our yes to a company to which a letter goes, or whose letter is shown: what was approved, or is welcome by policy or by
 * name, becomes a partner as far as we are concerned. Not after a partnership has ended: a letter that was on its way
 * begins no other one.
 */
export async function welcome(context: Context, node: NodeId): Promise<'welcome' | 'ended' | 'not-found'> {
  const found = await ensurePeer(context, node)
  if (!found.ok) return 'not-found'
  const { approved, endedAt, retiredAt } = found.peer
  if (retiredAt !== null) return 'ended'
  if (!approved && endedAt !== null) return 'ended'
  if (!approved) await sayYes(context, undefined, { node, act: 'peer.welcome' })
  return 'welcome'
}

async function sayYes(
  context: Context,
  actor: By | undefined,
  { node, act }: { readonly node: NodeId; readonly act: string },
): Promise<PeerRow> {
  const at = context.clock.now()
  await context.db.transaction().execute(async (tx) => {
    const peer = await holdPeer(tx, node)
    if (!peer) throw new Refusal('not-found')
    if (peer.conflict) throw new Refusal('key-conflict')
    if (peer.retiredAt !== null) throw new Refusal('peer-retired')
    if (peer.blocked) throw new Refusal('partner-blocked')
    await setStanding(tx, node, { approved: true, endedAt: null })
    const id = newUuid(context.clock, context.random)
    await insertAudit(tx, { id, at, actor: actor?.userId ?? null, act, subject: node })
    await queueHello(context, tx, node)
  })
  context.wake.signal('control')
  return await getPeer(context.db, node)
}

/** In the transaction of what it tells, so that no yes is ever forgotten on the way. */
export async function queueHello(context: Context, tx: Tx, node: NodeId): Promise<void> {
  await insertControlMessage(tx, {
    id: newUuid(context.clock, context.random),
    node,
    kind: 'hello',
    subject: node,
    body: '',
    createdAt: context.clock.now(),
  })
}

/** Tells a node what our administrator has said, as it stands when this is sent. */
export async function sendHello(context: Context, message: ControlMessage): Promise<Sent> {
  const { approved } = await getPeer(context.db, message.node)
  const { transitive } = await policyTowards(context.db, message.node)
  // It may be about keys that a command has changed, and is then signed with the new one.
  const { log } = await reloadOwnDocuments(context)
  const { statementVersion: ver } = await getPeer(context.db, context.node)
  const answer = await callPeer(context, message.node, {
    contract: hello,
    body: { approved, op_hash: log.opHash, ver, transitive },
    attempt: message.failures + 1,
  })
  if (answer.ok) return { do: 'finish', outcome: answer.value.status }
  return sentOf(answer)
}

export type Hello = {
  readonly approved: boolean
  readonly op_hash: string
  readonly ver: number
  readonly transitive?: PeerRow['transitive'] | undefined
}

/** What another node's administrator has said of us. The caller has verified who is speaking. */
export async function receiveHello(
  context: Context,
  node: NodeId,
  { approved, op_hash: opHash, ver, transitive = null }: Hello,
): Promise<{ status: 'active' | 'approval-pending' }> {
  const at = context.clock.now()
  const peer = await context.db.transaction().execute(async (tx) => {
    const held = await holdPeer(tx, node)
    if (!held) throw new Refusal('stranger')
    const askedAt = held.askedAt ?? at
    if (held.approvedByThem !== approved || held.askedAt === null || held.transitive !== transitive) {
      await setStanding(tx, node, { approvedByThem: approved, askedAt, transitive })
    }
    return { ...held, approvedByThem: approved, askedAt }
  })
  if (approved && !peer.approved && (await isWelcome(context, peer))) {
    await sayYes(context, undefined, { node, act: 'peer.welcome' })
    context.wake.signal('control')
    return { status: 'active' }
  }
  // They have moved or changed keys: look, within the bounds of such looks. What we hold is good until then.
  if (peer.opHash !== opHash || peer.statementVersion < ver) await lookForKeys(context, node)
  return { status: isPartner(peer) ? 'active' : 'approval-pending' }
}

/** Does the policy, or a list, make a partner of a company that asks, without an administrator? */
async function isWelcome(context: Context, { node, askedAt }: PeerRow): Promise<boolean> {
  const facts = await acquaintanceWith(context.db, node)
  const decided = decide('introduction', await policyTowards(context.db, node), facts)
  // What waits for an administrator asks again with each of its letters; that is one decision.
  if (decided.verdict !== 'approval' || askedAt === context.clock.now()) {
    const about = { peer: node }
    await context.db
      .transaction()
      .execute(
        async (tx) => await recordDecision(context, tx, { kind: 'introduction', facts, decided, about }),
      )
  }
  return decided.verdict === 'allowed'
}

function codeOf(code: string): RefusalCode {
  return code === 'key-conflict' || code === 'rate' || code === 'invalid-address' ? code : 'not-a-workspace'
}
