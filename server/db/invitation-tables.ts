import type { HistoryWindow, Role, SpaceKind } from '#schema/event/shared.ts'
import type { Hash, InviteId, NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Generated } from 'kysely'

// The tables about who comes in: invitations, contacts, and what is allowed and was decided. Part of `Tables`.

export type InvitationTables = {
  invite: {
    jti: InviteId
    spaceId: SpaceId
    host: NodeId
    /** Of the invitee; null for a person without a company. */
    node: NodeId | null
    inviter: UserId
    invitee: string
    inviteeKind: Generated<InviteeKind>
    userId: UserId | null
    role: Role
    history: HistoryWindow
    historyAt: number | null
    kind: SpaceKind
    title: string | null
    genesisHash: Hash
    /** The nodes that take part, as a JSON array. */
    roster: string
    jws: string
    status: InviteStatus
    /** Why it waits for an administrator, or was refused. */
    rule: string | null
    decidedBy: UserId | null
    ask: string | null
    expiresAt: number
    createdAt: number
  }
  inviteAsk: {
    id: string
    spaceId: SpaceId
    host: NodeId
    inviter: UserId
    invitee: string
    inviteeKind: InviteeKind
    node: NodeId | null
    role: Role
    /** What was asked for, as JSON; null for what is usual. */
    wish: string | null
    /** What the host has granted, once it has answered. */
    history: HistoryWindow | null
    status: 'asking' | 'approval' | 'open' | 'refused'
    code: string | null
    jti: InviteId | null
    expiresAt: number
    createdAt: number
  }
  contact: { owner: UserId; contact: UserId; isPinned: boolean; since: number }
  invitationSetting: { userId: UserId; fromWhom: 'everybody' | 'contacts'; confirmDirect: boolean }
  peerRule: { pattern: string; list: 'allow' | 'block'; since: number; byUser: UserId }
  hold: {
    spaceId: SpaceId
    node: NodeId
    seq: number
    rule: string
    since: number
    decidedBy: UserId | null
    decidedAt: number | null
  }
  policy: { scope: string; settings: string; changedAt: number; changedBy: UserId }
  decision: {
    id: string
    at: number
    kind: string
    verdict: 'allowed' | 'approval' | 'refused'
    /** The rule that decided, as operators see it: `inviteExternals=admins`. */
    rule: string
    actor: UserId | null
    peer: NodeId | null
    spaceId: SpaceId | null
    /** What was decided about, as JSON: ids, domains and grades, never content. */
    facts: string
  }
}

export type InviteStatus =
  | 'approval'
  | 'open'
  | 'accepted'
  | 'joined'
  | 'declined'
  | 'revoked'
  | 'expired'
  | 'refused'
export type InviteeKind = 'handle' | 'user' | 'email'
