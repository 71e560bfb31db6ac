import { digestState, type SpaceState } from '#federation/state.ts'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Snapshot, SnapshotHead } from '#schema/wire/snapshot.ts'
import type { Context } from '#server/context.ts'
import { findEntryPlace, findStateDigest } from '#server/db/entries.ts'
import { loadStateAt } from '#server/db/past-states.ts'
import type { SpaceRow } from '#server/db/spaces.ts'
import { Refusal } from '#server/refusal.ts'
import { checkpointOf } from './checkpoints.ts'
import { documentsAbout } from '../discovery/documents-about.ts'
import { genesisOf } from './genesis.ts'
import { findServed } from './served.ts'

// What a follower begins with whose history begins behind the genesis: the state there, in parts (SPEC H2). Every
// part is made from the log anew, so there is nothing to keep between them.

export type SnapshotAsked = { readonly part: number; readonly at?: number | undefined }

export async function serveSnapshot(
  context: Context,
  node: NodeId,
  space: SpaceId,
  { part, at }: SnapshotAsked,
): Promise<Snapshot> {
  const served = await findServed(context, node, space)
  if (!served) throw new Refusal('not-visible')
  const { row, window } = served
  const seq = at ?? window - 1
  // Not before its history begins, and a history that begins with the genesis needs no snapshot.
  if (seq < Math.max(window - 1, 1) || seq > row.headSeq) throw new Refusal('not-visible')
  const state = await loadStateAt(context.db, row, seq)
  const lines = linesOf(state)
  const parts = Math.max(1, Math.ceil(lines.length / limits.snapshotLinesPerPart))
  if (part >= parts) throw new Refusal('not-visible')
  const begin = part * limits.snapshotLinesPerPart
  const shown = lines.slice(begin, begin + limits.snapshotLinesPerPart)
  const members = shown.flatMap((line) => ('member' in line ? [line.member] : []))
  const invites = shown.flatMap((line) => ('invite' in line ? [line.invite] : []))
  return {
    ...(part === 0 ? { head: await headOf(context, row, { state, seq, parts }) } : {}),
    members,
    invites,
    statements: await identitiesOf(
      context,
      members.map(([user]) => user),
    ),
  }
}

type Line =
  | { readonly member: Snapshot['members'][number] }
  | { readonly invite: Snapshot['invites'][number] }

function linesOf({ members, invites }: SpaceState): Line[] {
  return [
    ...[...members].map(([user, m]): Line => ({ member: [user, m.role, m.joinSeq, m.history] })),
    ...[...invites].map(([jti, i]): Line => ({ invite: [jti, i.node, i.role, i.history] })),
  ]
}

type At = { readonly state: SpaceState; readonly seq: number; readonly parts: number }

async function headOf(context: Context, row: SpaceRow, { state, seq, parts }: At): Promise<SnapshotHead> {
  // It may lie in an epoch that is over: what the follower takes in next says where the newer one begins.
  const place = await findEntryPlace(context.db, row.id, seq)
  const digest = await findStateDigest(context.db, row.id, seq)
  // What we would sign is what the log says, or nothing.
  if (!place || digest !== digestState(state)) {
    throw new Error('A past state is not the one that the log says.')
  }
  return {
    genesis: await genesisOf(context, row.id),
    checkpoint: checkpointOf(context, row.id, { ...place, seq }, digest),
    parts,
    nodes: [...state.nodes],
    groups: [...state.groups].map(([id, g]) => [id, g.addSeq, g.history, g.anchorSeq]),
    settings: [...state.settings],
  }
}

async function identitiesOf(context: Context, users: readonly UserId[]): Promise<string[]> {
  return (await documentsAbout(context, users)).map(({ jws }) => jws)
}
