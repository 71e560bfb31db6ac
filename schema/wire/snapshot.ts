import { z } from 'zod'
import { HistoryWindow, Role, SettingKey, SettingValue } from '../event/shared.ts'
import { InviteId, NodeId, SpaceId, UserId } from '../ids.ts'
import { limits } from '../limits.ts'
import { Seq } from './event.ts'
import { Genesis } from './invite.ts'

// What a log says up to a seq, for a follower whose history begins behind it (SPEC H). The lines are those of the
// state digest, with what a follower needs besides to judge what comes after.

/** User, role, join seq, history. */
export const MemberLine = z.tuple([UserId, Role, Seq, HistoryWindow])
/** An open invitation: id, node, role, history. */
export const InviteLine = z.tuple([InviteId, NodeId, Role, HistoryWindow])
/** A group that a thread addresses: its id, add seq, history, and the seq of its anchor. */
export const GroupLine = z.tuple([SpaceId, Seq, HistoryWindow, Seq])
const NodeLine = z.tuple([NodeId, Seq])
const SettingLine = z.tuple([SettingKey, SettingValue])

/** The beginning of a snapshot: everything but the people, and how many parts there are. */
export const SnapshotHead = z.object({
  genesis: Genesis,
  /** Over the last entry before the caller's history, and the state there. */
  checkpoint: z.string().max(limits.smallDocumentBytesMax),
  parts: z.int().min(1).max(limits.snapshotPartsMax),
  nodes: z.array(NodeLine).max(limits.nodesPerSpaceMax),
  groups: z.array(GroupLine).max(limits.groupsPerThreadMax),
  settings: z.array(SettingLine).max(32),
})
export type SnapshotHead = z.output<typeof SnapshotHead>

/** One part. The first one has the head; people stand in all of them, each once. */
export const Snapshot = z.object({
  head: SnapshotHead.optional(),
  members: z.array(MemberLine).max(limits.snapshotLinesMax),
  invites: z.array(InviteLine).max(limits.snapshotLinesMax),
  /** Identity documents of the members in this part. */
  statements: z.array(z.string().max(limits.identityBytesMax)).max(limits.snapshotLinesMax),
})
export type Snapshot = z.output<typeof Snapshot>
