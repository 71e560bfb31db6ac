/** Why a node has to ask others what it has said before it may say more. */
export type RestoreReason =
  /** The database is older than the mark beside it. */
  | 'database-behind'
  /** The database lies on another server, timeline or place than before. */
  | 'database-moved'
  /** There is no mark beside the database. */
  | 'mark-missing'
  /** The mark is that of another incarnation. */
  | 'mark-differs'
  /** What answers at our own address has another database: this is a copy of the node. */
  | 'copy'
  /** Its keys were replaced with the recovery key: followers may hold what somebody else has signed. */
  | 'keys-recovered'

export type Recovering = { readonly reason: RestoreReason; readonly since: number }

/**
 * Whether the node is in recovery, as this process knows it. The truth is in the database: every process looks at it
 * at its start and whenever it sets a mark.
 */
export type Mode = {
  recovering: Recovering | undefined
  /** The incarnation that this process has seen last, and how far it had come. */
  incarnation: string
  tick: number
}
