import { hash as digestOf } from 'node:crypto'
import type { HistoryWindow, Role, SettingKey, SpaceKind } from '#schema/event/shared.ts'
import type { Hash, InviteId, NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Entry } from './chain.ts'
import type { Event } from './event.ts'

// What a log says so far: the fold of its state entries (SPEC T1 to T4). Only what this one log says;
// the members of a group are never in the state of a thread that addresses it.

export type Member = { readonly role: Role; readonly joinSeq: number; readonly history: HistoryWindow }
export type Invited = { readonly node: NodeId; readonly role: Role; readonly history: HistoryWindow }
export type Addressed = {
  readonly addSeq: number
  readonly history: HistoryWindow
  /** Seq of the group's last state entry when the thread began to address it (L7). */
  readonly anchorSeq: number
}

export type SpaceState = {
  readonly id: SpaceId
  readonly kind: SpaceKind
  readonly host: NodeId
  /** Of the last state entry; one that begins an epoch is one. */
  epoch: number
  readonly starter: UserId
  /** Position and entry hash of the last state entry. */
  stateSeq: number
  stateHash: Hash
  readonly members: Map<UserId, Member>
  readonly invites: Map<InviteId, Invited>
  readonly groups: Map<SpaceId, Addressed>
  readonly nodes: Map<NodeId, number>
  readonly settings: Map<SettingKey, string>
  /** Of a dm: the places that nobody has ever taken. */
  placesLeft?: number
}

/** One event in its place in the log. */
export type Step = { readonly event: Event; readonly entry: Entry }

/** A copy that can be changed without the original: rules run on one until their transaction is known to be committed. */
export function copyState(state: SpaceState): SpaceState {
  return {
    ...state,
    members: new Map(state.members),
    invites: new Map(state.invites),
    groups: new Map(state.groups),
    nodes: new Map(state.nodes),
    settings: new Map(state.settings),
  }
}

/** The state digest (T3): SHA-256 over tagged lines, sorted by bytes. Follower and host compare it, nothing resolves it. */
export function digestState(state: SpaceState): Hash {
  const lines: string[] = []
  for (const [user, m] of state.members) lines.push(`p\t${user}\t${m.role}\t${m.joinSeq}\t${m.history}`)
  for (const [jti, invite] of state.invites) lines.push(`i\t${jti}\t${invite.node}`)
  for (const [group, g] of state.groups) lines.push(`g\t${group}\t${g.addSeq}\t${g.history}`)
  for (const [node, addSeq] of state.nodes) lines.push(`n\t${node}\t${addSeq}`)
  for (const [key, value] of state.settings)
    lines.push(`s\t${key}\t${digestOf('sha256', value, 'base64url')}`)
  // Every line is ASCII, so the order of UTF-16 units is the order of bytes.
  lines.sort((a, b) => (a < b ? -1 : 1))
  const text = `parley-state/1\n${lines.map((line) => `${line}\n`).join('')}`
  return digestOf('sha256', text, 'base64url') as Hash
}

/** Does this user's node have another member in the space? */
export function hasOtherMemberOf(state: SpaceState, node: NodeId, except?: UserId): boolean {
  for (const user of state.members.keys()) {
    if (user !== except && user.endsWith(`@${node}`)) return true
  }
  return false
}
