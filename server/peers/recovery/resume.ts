import { checkpointKind } from '#federation/log-documents.ts'
import { accept } from '#federation/outcome.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { isLeantOn } from '#server/db/cuts.ts'
import { findEntryHash } from '#server/db/entries.ts'
import {
  type ClaimRow,
  endRecovery,
  listClaims,
  listLostSpaces,
  listWithheldHosted,
} from '#server/db/recovery.ts'
import { listFencedMembers, skipVersions } from '#server/db/restored.ts'
import { findSpace } from '#server/db/spaces.ts'
import { beginEpoch } from '#server/log/epoch.ts'
import { makeHostEvent } from '#server/log/host-event.ts'
import { newEventId } from '#server/ports/random.ts'
import { alarm } from '../alarm.ts'
import { adoptSpace } from './adopt.ts'
import { readOurs } from './ask.ts'
import { setMark } from './marks.ts'

/**
 * Everybody has answered: logs are taken back, what they lack is written, and the node goes on. Only now may anything be
 * signed again, since whatever was signed before is here. False: somebody who holds something cannot be asked now.
 */
export async function resume(context: Context): Promise<boolean> {
  const claims = await listClaims(context.db)
  const ours: ClaimRow[] = []
  for (const claim of claims) if (await readOurs(context, claim.jws, checkpointKind)) ours.push(claim)
  for (const [space, held] of Map.groupBy(ours, ({ spaceId }) => spaceId)) {
    if (context.tasks.signal.aborted) return false
    const outcome = await adoptSpace(context, space, held)
    if (outcome === 'later') return false
    if (outcome !== 'lost') continue
    const detail = 'nobody holds what lies between the backup and the newest checkpoint'
    const isHere = (await findSpace(context.db, space)) !== undefined
    await alarm(context, { kind: 'restore-gap', peer: held[0]!.node, space, detail, freeze: isHere })
  }
  // What the lost may hold more of goes on in another epoch: so two words of ours about one place are of two epochs.
  const lost = Map.groupBy(await listLostSpaces(context.db, context.node), ({ space }) => space)
  for (const [space, held] of lost) {
    const nodes = held.map(({ node }) => node)
    await goOnWithout(context, space, { kind: 'restore-loss', nodes, why: 'and was declared lost' })
  }
  // And so does what somebody holds who took it for ours (K19).
  const strange = await findStrange(
    context,
    claims.filter((claim) => !ours.includes(claim) && !lost.has(claim.spaceId)),
  )
  for (const [space, held] of Map.groupBy(strange, ({ spaceId }) => spaceId)) {
    const nodes = held.map(({ node }) => node)
    const why = 'by a key that the recovery has cut off'
    await goOnWithout(context, space, { kind: 'cut-off-branch', nodes, why })
  }
  for (const space of await listWithheldHosted(context.db, context.node)) await reanchor(context, space)
  await context.db.transaction().execute(async (tx) => {
    await skipVersions(tx, context.node, context.clock.now())
    await endRecovery(tx, context.node)
  })
  await setMark(context)
  return true
}

/** What is claimed of logs that is not in ours: of what is in both, somebody else has only signed what we wrote. */
async function findStrange({ db }: Context, claims: readonly ClaimRow[]): Promise<ClaimRow[]> {
  const strange: ClaimRow[] = []
  for (const claim of claims)
    if ((await findEntryHash(db, claim.spaceId, claim.seq)) !== claim.hash) strange.push(claim)
  return strange
}

type Others = { readonly kind: string; readonly nodes: readonly NodeId[]; readonly why: string }

/** A log goes on from what is here, in another epoch, without what somebody else may hold of it (SPEC L14). */
async function goOnWithout(context: Context, space: SpaceId, { kind, nodes, why }: Others): Promise<void> {
  const row = (await findSpace(context.db, space))!
  const { incarnation } = context.mode
  // Which windows a thread is in would be another matter than it was (T7), so that a person has to look.
  const isLeant = row.kind === 'group' && (await isLeantOn(context.db, space, row.headSeq))
  const isBegun =
    !isLeant &&
    (await beginEpoch(context, context.log, { space, head: row.headHash, keep: row.headSeq, incarnation }))
  const detail = `${nodes.join(', ')} may hold more of it, ${why}`
  await alarm(context, { kind, peer: nodes[0]!, space, detail, freeze: !isBegun })
}

/** The first words after a restore: who was removed already, and which incarnation of the host goes on (SPEC B7). */
async function reanchor(context: Context, space: SpaceId): Promise<void> {
  const { node, mode, db } = context
  const eventId = newEventId(context.clock, context.random)
  const removed = await listFencedMembers(db, node, space)
  const settled = await context.log.append({
    space,
    origin: node,
    eventId,
    bytes: 0,
    groups: [],
    changesState: true,
    endsRecovery: true,
    plan: () =>
      accept([
        ...removed.map((user) => makeHostEvent(context, { space, type: 'member.remove', content: { user } })),
        makeHostEvent(context, {
          space,
          type: 'space.reanchor',
          content: { incarnation: mode.incarnation },
          id: eventId,
        }),
      ]),
  })
  if (settled.status === 'refused')
    context.logger.warn({ space, code: settled.code }, 'A log does not go on after the restore.')
}
