import type { Generated } from 'kysely'
import type { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import type { RestoreReason } from '#server/ports/mode.ts'

/** What knows about a restored database, and what is found out of others then. */
export type RecoveryTables = {
  incarnation: {
    one: Generated<boolean>
    /** Chosen at random; another one after every restore. */
    id: string
    /** Server, timeline, database and table: where these rows lie. */
    place: string
    /** Goes up again and again, and is marked in the file after its commit. */
    tick: number
    /** What the node proves by that it is the one at its own address. */
    probe: string
    recoveringSince: number | null
    reason: RestoreReason | null
  }
  reconciliation: {
    node: NodeId
    answeredAt: number | null
    caughtUpAt: number | null
    triedAt: number | null
    lostAt: number | null
    outcome: string | null
  }
  claimedHead: { spaceId: SpaceId; node: NodeId; epoch: number; seq: number; hash: Hash; jws: string }
}
