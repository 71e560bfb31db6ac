import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'

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
  promise: { spaceId: SpaceId; seq: number; hash: Hash; jws: string; at: number }
  probe: { spaceId: SpaceId; seq: number; node: NodeId; at: number }
}
