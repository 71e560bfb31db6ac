import type { NodeKey, Signer } from '#federation/keys.ts'
import type { Hash } from '#schema/ids.ts'

/** The node's own signing key. The private part never leaves the adapter. */
export type Keys = {
  readonly signer: Signer
  readonly key: NodeKey
  /** Commitments to recovery keys: thumbprints of public keys whose private parts are not on this machine. */
  readonly recovery: readonly Hash[]
}
