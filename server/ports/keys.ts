import type { NodeKey, Signer } from '#federation/keys.ts'
import type { Hash } from '#schema/ids.ts'

/** The node's own signing keys. The private parts never leave the adapter. */
export type Keys = {
  /** Signs what is made now. Asked for each time, since a rotation changes it while the node runs. */
  readonly signer: Signer
  /** The public part of the same. */
  readonly key: NodeKey
  /** Commitments for a genesis: thumbprints of public keys whose private parts are not needed on this machine. */
  readonly recovery: readonly Hash[]
  /** Every key that we could sign with. */
  readonly held: readonly NodeKey[]
  /** A recovery key still lies on this machine: where. */
  readonly recoveryFile: string | undefined
  /** Signs with this one from now on. */
  use(kid: Hash): void
  /** Makes one more key, and keeps it before anybody can hear of it. */
  make(): NodeKey
  /**
   * Makes a recovery key for the next recovery, and writes it down where the operator finds it before anybody can rely on
   * it. Returns its commitment.
   */
  makeRecovery(): Hash
  /** Destroys what was written down of other recovery keys than these. */
  keepOnlyRecovery(kids: readonly Hash[]): void
  /** Destroys the private parts of all others. */
  keepOnly(kids: readonly Hash[]): void
  /** Looks again at what is held: a command may have made a key. */
  reload(): void
}
