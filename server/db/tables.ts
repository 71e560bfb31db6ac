import type { Email } from '#schema/email.ts'
import type { HistoryWindow, Role, SettingKey, SpaceKind } from '#schema/event/shared.ts'
import type { EventId, Handle, Hash, InviteId, NodeId, NodeSender, SpaceId, UserId } from '#schema/ids.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import type { Generated, GeneratedAlways } from 'kysely'
import type { IdentityTables } from './identity-tables.ts'
import type { TruthTables } from './truth-tables.ts'
import type { InvitationTables } from './invitation-tables.ts'
import type { RecoveryTables } from './recovery-tables.ts'

// The tables as TypeScript sees them. Columns are snake_case in SQL. Times are milliseconds since 1970.

export type AccountRole = 'owner' | 'admin' | 'member' | 'guest'

export type Tables = IdentityTables &
  InvitationTables &
  RecoveryTables &
  TruthTables & {
    account: {
      userId: UserId
      /** Null for a guest. */
      handle: Handle | null
      /** Null for who signs in by code or passkey only. */
      password: string | null
      role: AccountRole
      createdAt: number
      email: Email | null
      /** To the day. */
      lastUsedAt: number
      storageBytes: Generated<number>
    }
    enrolment: {
      tokenHash: string
      role: 'owner' | 'member'
      createdBy: UserId | null
      createdAt: number
      expiresAt: number
      usedBy: UserId | null
      /** Where the link was mailed to; who uses it has shown that the address is theirs. */
      email: Email | null
    }
    mail: {
      id: string
      kind: MailKind
      address: Email
      subject: string
      text: string
      html: string
      createdAt: number
      expiresAt: number
      failures: Generated<number>
      nextAttemptAt: Generated<number>
      doneAt: number | null
      outcome: string | null
    }
    mailLink: {
      jti: InviteId
      tokenHash: string
      expiresAt: number
      confirmedAt: number | null
      claimedBy: UserId | null
    }
    beginning: {
      sender: UserId
      idempotencyKey: string
      requestHash: string
      header: string
      salt: string
      content: string
      createdAt: number
    }
    space: {
      id: SpaceId
      kind: SpaceKind
      host: NodeId
      epoch: number
      starter: UserId
      title: string | null
      headSeq: number
      headHash: Hash
      headAt: number
      createdAt: number
      frozen: string | null
      /** Our copy holds the entries behind this seq; 0 when it has the log from its genesis on, as every host does. */
      baseSeq: number
      /** Entry hash at the base, which the first entry that we hold names as the one before. */
      baseHash: Hash | null
      /** From here on we know who was what: the seq of the snapshot that the copy began with. */
      snapshotSeq: number
      /** Of a group: when its threads were last asked for. */
      threadsListedAt: number | null
      purging: Generated<boolean>
      /** Until it is known what was said after the backup that the database was put back from. */
      withheld: Generated<boolean>
      /** How often entries were cut off for another epoch. */
      cuts: Generated<number>
    }
    attested: { spaceId: SpaceId; seq: number; groupId: SpaceId; groupSeq: number; groupHash: Hash }
    spaceState: { spaceId: SpaceId; stateSeq: number; stateHash: Hash; digest: Hash }
    entry: {
      spaceId: SpaceId
      epoch: number
      seq: number
      hash: Hash
      text: string
      eventId: EventId
      origin: NodeId
      sender: UserId | NodeSender
      type: string
      header: string
      at: number
      standing: 'verified' | 'unverified' | 'unreadable'
      /** It may be somebody else's who had the key: the key history of its company says so (K18). */
      disputed: boolean
      proofHash: Hash | null
      stateDigest: Hash | null
      idempotencyKey: string | null
      requestHash: string | null
    }
    content: { spaceId: SpaceId; seq: number; salt: string; text: string }
    proof: { spaceId: SpaceId; hash: Hash; jws: string }
    checkpoint: { spaceId: SpaceId; epoch: number; seq: number; hash: Hash; jws: string }
    member: {
      spaceId: SpaceId
      userId: UserId
      node: NodeId
      joinSeq: number
      fromSeq: number
      untilSeq: number | null
      role: Role
      history: HistoryWindow
    }
    recipient: {
      spaceId: SpaceId
      groupId: SpaceId
      addSeq: number
      removeSeq: number | null
      history: HistoryWindow
      anchorSeq: number
    }
    spaceNode: { spaceId: SpaceId; node: NodeId; addSeq: number; removeSeq: number | null }
    invited: {
      spaceId: SpaceId
      jti: InviteId
      node: NodeId
      role: Role
      history: HistoryWindow
      addSeq: number
      endSeq: number | null
    }
    setting: { spaceId: SpaceId; key: SettingKey; value: string; seq: number }
    readState: { userId: UserId; spaceId: SpaceId; seq: number }
    peer: {
      node: NodeId
      approved: Generated<boolean>
      approvedByThem: Generated<boolean>
      askedAt: number | null
      conflict: Generated<boolean>
      blocked: Generated<boolean>
      baseUrl: string
      statement: string
      statementVersion: number
      statementExpiresAt: number
      genesisHash: Hash
      opSeq: number
      opHash: Hash
      pinnedAt: number
      lastSuccessAt: number | null
      lastFailureAt: number | null
      lastFailure: string | null
      /** The first request without an answer of the node since its last; a refusal is an answer. */
      failingSince: number | null
      paused: Generated<boolean>
      endedAt: number | null
      heardAt: number | null
      /** What it has declared to do when companies arrive in spaces that we host. */
      transitive: 'allow' | 'ask' | 'deny' | null
      /** What it may have of us where that is less than what everybody may. */
      requestsPerSecond: number | null
      requestsAtOnce: number | null
      eventsPerSecond: number | null
      /** Its key history says that it has closed for good. */
      retiredAt: number | null
      /** An administrator has opened what it hosted, for reading. */
      archivedAt: number | null
    }
    nodeOp: { node: NodeId; seq: number; hash: Hash; jws: string }
    nonce: { kid: string; nonce: string; at: number }
    cursor: {
      spaceId: SpaceId
      node: NodeId
      ackedSeq: Generated<number>
      ackedHash: Hash | null
      failures: Generated<number>
      nextAttemptAt: Generated<number>
      stopped: string | null
    }
    receipt: {
      spaceId: SpaceId
      node: NodeId
      epoch: number
      seq: number
      hash: Hash
      jws: string
      at: number
    }
    controlMessage: {
      id: string
      node: NodeId
      kind: ControlKind
      subject: string
      body: string
      createdAt: number
      failures: Generated<number>
      nextAttemptAt: Generated<number>
      doneAt: number | null
      outcome: string | null
    }
    pending: {
      eventId: EventId
      place: GeneratedAlways<number>
      spaceId: SpaceId
      host: NodeId
      sender: UserId
      idempotencyKey: string
      requestHash: string
      header: string
      salt: string
      content: string
      expiresAt: number
      createdAt: number
      state: Generated<'queued' | 'sent' | 'accepted' | 'refused' | 'expired'>
      code: RefusalCode | null
      /** Where the host said that it stands. */
      promisedSeq: Generated<number | null>
      /** It is the genesis of the space, which is in no log yet. */
      begins: Generated<boolean>
    }
    fenceCounter: { node: NodeId; n: number }
    fence: {
      host: NodeId
      node: NodeId
      n: number
      spaceId: SpaceId
      subject: UserId | '*'
      fromSeq: number
      epoch: number
      action: 'deny' | 'purge'
      at: number
      jws: string | null
      hash: Hash | null
      receipt: string | null
      ackedAt: number | null
      variant: Generated<number>
      listed: Generated<boolean>
      purgeReceipt: string | null
      purgedAt: number | null
      purgeAckedAt: number | null
      held: Generated<boolean>
      alarmedAt: number | null
    }
    fenceSpace: {
      host: NodeId
      node: NodeId
      n: number
      spaceId: SpaceId
      fromSeq: number
      step: PurgeStep | null
      outcome: 'purged' | 'kept' | 'held' | null
      entries: Generated<number>
      contents: Generated<number>
    }
    tombstone: {
      spaceId: SpaceId
      host: NodeId
      n: number
      headSeq: number
      headHash: Hash
      purgedAt: number
    }
    lease: {
      host: NodeId
      node: NodeId
      iat: number
      renewAt: number
      untilAt: number
      outageUntil: number
      fencesUpto: number
      fencesHave: number
      jws: string
    }
    ending: { spaceId: SpaceId; userId: UserId; at: number }
    legalHold: { scope: SpaceId | 'everything'; placedAt: number; placedBy: UserId }
    exchange: {
      id: string
      at: number
      direction: 'in' | 'out'
      peer: string | null
      method: string
      route: string
      lane: string
      spaceId: string | null
      status: number | null
      verdict: 'accepted' | 'refused' | 'failed'
      code: string | null
      reason: string | null
      detail: string | null
      durationMs: number
      bytesIn: number
      bytesOut: number
      kid: string | null
      clockDeltaMs: number | null
      attempt: Generated<number>
      /** How long a peer asked to be left alone. */
      pauseMs: number | null
      /** The row that the peer has of it. */
      instance: string | null
    }
    securityEvent: {
      id: string
      at: number
      kind: string
      peer: string | null
      spaceId: string | null
      detail: string
    }
    audit: {
      id: string
      at: number
      actor: UserId | null
      act: string
      subject: string
      detail: string | null
    }
  }

export type MailKind = 'invitation' | 'code' | 'enrolment'
/** How far the purge of a space has come: what is done, in this order. */
export type PurgeStep = 'denied' | 'derived' | 'contents' | 'entries' | 'rows'
export type ControlKind =
  | 'hello'
  | 'goodbye'
  | 'invite'
  | 'invite-ask'
  | 'invite-response'
  | 'invite-revoke'
  | 'evidence'
