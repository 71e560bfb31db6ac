import type { Hash, NodeId, NodeSender, SpaceId, UserId } from '#schema/ids.ts'

// The tables about what other participants hold. Columns are snake_case in SQL; times are milliseconds since 1970.

export type TruthTables = {
  cosignature: {
    spaceId: SpaceId
    node: NodeId
    epoch: number
    seq: number
    hash: Hash
    jws: string
    at: number
  }
  evidence: {
    hash: Hash
    spaceId: SpaceId
    host: NodeId
    /** Where the two histories are seen to differ. */
    seq: number
    a: string
    b: string
    /** The entry texts of the evidence, as a JSON array. */
    entries: string
    at: number
    /** The security event that tells of it. */
    eventId: string
  }
  sideEntry: {
    spaceId: SpaceId
    epoch: number
    seq: number
    hash: Hash
    text: string
    sender: UserId | NodeSender
    type: string
    header: string
    salt: string | null
    content: string | null
    proofHash: Hash | null
    at: number
    cutAt: number
  }
  offeredEpoch: {
    spaceId: SpaceId
    epoch: number
    /** The last entry of the branch that it goes on from. */
    afterEpoch: number
    afterSeq: number
    afterHash: Hash
    /** The host's checkpoint over an entry of it. */
    jws: string
    at: number
  }
  branchWish: {
    spaceId: SpaceId
    act: 'choose' | 'take'
    /** To take. */
    epoch: number | null
    /** To choose, with where the branch is when it is not ours. */
    seq: number | null
    hash: Hash
    fromNode: NodeId | null
    askedAt: number
    doneAt: number | null
    outcome: string | null
  }
  promise: { spaceId: SpaceId; seq: number; hash: Hash; jws: string; at: number }
  probe: { spaceId: SpaceId; seq: number; node: NodeId; at: number }
}
