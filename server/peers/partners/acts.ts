import type { NodeId, UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { PartnerPreview } from '#schema/removal.ts'
import type { Context } from '#server/context.ts'
import { insertAudit } from '#server/db/audit.ts'
import { insertControlMessage } from '#server/db/control-messages.ts'
import { issueFences } from '#server/db/fences.ts'
import type { Tx } from '#server/db/open.ts'
import { findPeer, getPeer, holdPeer, type PeerRow, setStanding, type Standing } from '#server/db/peers.ts'
import { countPeopleIn, listOpenInvitesWith, listSharedSpaces } from '#server/db/removal-previews.ts'
import { holdSpaces } from '#server/db/spaces.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { sweepEnded } from './ended.ts'
import { sweepUnblocked } from './unblocked.ts'

// What an administrator does about a whole company. Each act is one commit with its record; what follows from it is
// derived from the standing that it leaves, and swept, so that a crash in between is of no consequence.

type By = { readonly userId: UserId }

/** What is shared with a company: what each of the acts would concern. */
export async function previewPeerAct(context: Context, node: NodeId): Promise<PartnerPreview> {
  const { db, node: ours } = context
  if (node === ours || !(await findPeer(db, node))) throw new Refusal('not-found')
  const [hosted, followed, theirPeople, ourPeople, invitations] = await Promise.all([
    listSharedSpaces(db, ours, node),
    listSharedSpaces(db, node, ours),
    countPeopleIn(db, ours, node),
    countPeopleIn(db, node, ours),
    listOpenInvitesWith(db, node, limits.pageLengthMax),
  ])
  const named = (spaces: typeof hosted) => spaces.map(({ id, kind, title }) => ({ id, kind, title }))
  return {
    node,
    hosted: named(hosted),
    followed: named(followed),
    theirPeople,
    ourPeople,
    invitations,
  }
}

/** Exchanges nothing with a company but what takes access away, until it is resumed. */
export async function pause(context: Context, actor: By, node: NodeId): Promise<PeerRow> {
  return await act(context, actor, { node, name: 'peer.pause', standing: { paused: true } })
}

export async function resume(context: Context, actor: By, node: NodeId): Promise<PeerRow> {
  const peer = await act(context, actor, { node, name: 'peer.resume', standing: { paused: false } })
  wakeAll(context, node)
  return peer
}

/** Refuses a company altogether, and closes for its people what we host: one order for each space, and nothing deleted. */
export async function block(context: Context, actor: By, node: NodeId): Promise<PeerRow> {
  const also = async (tx: Tx): Promise<void> => await fenceAll(context, tx, node)
  const peer = await act(context, actor, { node, name: 'peer.block', standing: { blocked: true }, also })
  context.wake.signal('control')
  return peer
}

/** The orders hold until the logs pass them, so each log gets an entry, and then says again who belongs. */
export async function unblock(context: Context, actor: By, node: NodeId): Promise<PeerRow> {
  const peer = await act(context, actor, { node, name: 'peer.unblock', standing: { blocked: false } })
  await sweepUnblocked(context)
  wakeAll(context, node)
  return peer
}

/** Ends a partnership: its people leave what we host, ours leave what it hosts, and both delete their copies. */
export async function endPartnership(context: Context, actor: By, node: NodeId): Promise<PeerRow> {
  const at = context.clock.now()
  const peer = await act(context, actor, {
    node,
    name: 'peer.end',
    // Their yes was to what has ended, too.
    standing: { approved: false, approvedByThem: false, endedAt: at },
    also: async (tx) =>
      await insertControlMessage(tx, {
        id: newUuid(context.clock, context.random),
        node,
        kind: 'goodbye',
        subject: node,
        body: '',
        createdAt: at,
      }),
  })
  context.wake.signal('control')
  await sweepEnded(context)
  return peer
}

/** What a company hosted that has closed for good is read again before a month has passed (A9). */
export async function openArchive(context: Context, actor: By, node: NodeId): Promise<PeerRow> {
  const peer = await findPeer(context.db, node)
  // It never takes a retirement back.
  if (node !== context.node && peer && peer.retiredAt === null) throw new Refusal('not-retired')
  const archivedAt = peer?.archivedAt ?? context.clock.now()
  return await act(context, actor, { node, name: 'peer.openArchive', standing: { archivedAt } })
}

type Act = {
  readonly node: NodeId
  readonly name: string
  readonly standing: Standing
  readonly also?: (tx: Tx) => Promise<void>
}

async function act(context: Context, actor: By, { node, name, standing, also }: Act): Promise<PeerRow> {
  const at = context.clock.now()
  await context.db.transaction().execute(async (tx) => {
    if (node === context.node || !(await holdPeer(tx, node))) throw new Refusal('not-found')
    await setStanding(tx, node, standing)
    const id = newUuid(context.clock, context.random)
    await insertAudit(tx, { id, at, actor: actor.userId, act: name, subject: node })
    await also?.(tx)
  })
  context.live.recheck({})
  return await getPeer(context.db, node)
}

async function fenceAll(context: Context, tx: Tx, node: NodeId): Promise<void> {
  const shared = await listSharedSpaces(tx, context.node, node)
  // Nothing may be written behind the position that the order names before the order is there.
  const held = await holdSpaces(
    tx,
    shared.map(({ id }) => id),
  )
  const at = context.clock.now()
  await issueFences(
    tx,
    context.node,
    held.map(({ id: spaceId, epoch, headSeq }) => ({
      node,
      spaceId,
      subject: '*' as const,
      fromSeq: headSeq + 1,
      epoch,
      at,
      lost: [],
    })),
  )
}

/** Whoever was left alone because nothing could be sent is served again. */
export function wakeAll(context: Context, node: NodeId): void {
  context.wake.signal(`peer:${node}`)
  for (const topic of ['control', 'leases', 'logs', 'submit', 'purges'] as const) context.wake.signal(topic)
}
