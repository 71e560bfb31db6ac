import { extendsLog, fingerprint, type OperationLog } from '#federation/operation-log.ts'
import type { KeyConflict } from '#schema/api/key-conflicts.ts'
import type { NodeId, UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { insertAudit } from '#server/db/audit.ts'
import { findPeer, getPeer, type PeerRow, setStanding } from '#server/db/peers.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { forgetFailure } from '../discovery/discover.ts'
import { type Documents, fetchDocuments } from '../discovery/documents.ts'
import { findPinned, pinAnew } from '../discovery/pin.ts'
import { wakeAll } from './acts.ts'
import { queueHello } from './trust.ts'

// A company shows keys that do not continue those we pinned: a new owner of its domain, a company that lost its keys, or
// somebody between us. No rule can tell them apart, so an administrator does, by telephone, and says what was read out.

/** What was pinned, and what the company shows at this moment. */
export async function previewKeyConflict(context: Context, node: NodeId): Promise<KeyConflict> {
  const { pinned, shown } = await compare(context, node)
  const why = whyOf(pinned, shown.log)
  return { node, why, pinned: wordsOf(pinned, why), shown: wordsOf(shown.log, why) }
}

/** Pins what the company shows now, if it is what the administrator has heard on the telephone. */
export async function repin(
  context: Context,
  actor: { readonly userId: UserId },
  { node, fingerprint: heard }: { readonly node: NodeId; readonly fingerprint: string },
): Promise<PeerRow> {
  const { pinned, shown } = await compare(context, node)
  const why = whyOf(pinned, shown.log)
  const words = wordsOf(shown.log, why)
  if (heard.trim().replaceAll(/\s+/g, ' ') !== words) throw new Refusal('wrong-fingerprint')
  const at = context.clock.now()
  await context.db.transaction().execute(async (tx) => {
    const peer = await pinAnew(context, tx, shown, pinned)
    // Somebody decided meanwhile.
    if (!peer?.conflict) throw new Refusal('not-found')
    // Somebody new may have the domain of a company that had closed.
    const retiredAt = shown.log.retired ? at : null
    await setStanding(tx, node, { conflict: false, retiredAt, archivedAt: null })
    const detail = `${wordsOf(pinned, why)} -> ${words}`
    const id = newUuid(context.clock, context.random)
    await insertAudit(tx, { id, at, actor: actor.userId, act: 'peer.repin', subject: node, detail })
    if (peer.approved) await queueHello(context, tx, node)
  })
  forgetFailure(context, node)
  wakeAll(context, node)
  return await getPeer(context.db, node)
}

async function compare(
  context: Context,
  node: NodeId,
): Promise<{ readonly pinned: OperationLog; readonly shown: Documents }> {
  const peer = node === context.node ? undefined : await findPeer(context.db, node)
  const pinned = peer?.conflict ? await findPinned(context, node) : undefined
  if (!pinned) throw new Refusal('not-found')
  // As at first contact: what it shows has to hold by itself, and only a person says whether it is theirs.
  const shown = await fetchDocuments(context, node, undefined)
  if (!shown.ok) throw new Refusal('peer-unreachable')
  return { pinned: pinned.log, shown: shown.value }
}

function whyOf(pinned: OperationLog, shown: OperationLog): KeyConflict['why'] {
  const continuity = extendsLog(pinned, shown)
  if (continuity.ok) return 'none'
  return continuity.detail === 'genesis' ? 'genesis' : 'fork'
}

/** The words of a genesis are those that the company sees as its own. Where both begin alike, those of the newest operation tell them apart. */
function wordsOf(log: OperationLog, why: KeyConflict['why']): string {
  return fingerprint(why === 'genesis' ? log.genesisHash : log.opHash)
}
