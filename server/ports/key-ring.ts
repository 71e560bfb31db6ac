import { type KeyPair, keyPairFromSeed } from '#federation/keys.ts'
import type { Hash } from '#schema/ids.ts'
import type { Keys } from './keys.ts'
import type { RecoveryFile } from './recovery-files.ts'

/** What is kept of a node's keys: their seeds, oldest first, and the commitments of the genesis. */
export type KeptKeys = { readonly seeds: readonly Uint8Array[]; readonly recovery: readonly Hash[] }

/** Where they are kept. */
export type KeyPlace = {
  read(): KeptKeys
  write(kept: KeptKeys): void
  newSeed(purpose: 'next' | 'recovery'): Uint8Array
  /** Writes a recovery key down for the operator. */
  writeRecovery(seed: Uint8Array): void
  recoveryFiles(): readonly RecoveryFile[]
  removeRecovery(file: RecoveryFile): void
}

/** The keys of one place. Until it is told otherwise it signs with the oldest. */
export function openKeyRing(place: KeyPlace): Keys {
  let kept = place.read()
  let pairs = pairsOf(kept)
  let used: KeyPair = pairs[0]!

  function reload(): void {
    kept = place.read()
    pairs = pairsOf(kept)
  }

  return {
    get signer() {
      return used.signer
    },
    get key() {
      return used.key
    },
    get held() {
      return pairs.map(({ key }) => key)
    },
    get recoveryFile() {
      return place.recoveryFiles()[0]?.path
    },
    get recovery() {
      return kept.recovery
    },
    reload,
    use(kid) {
      const pair = pairs.find(({ key }) => key.kid === kid)
      if (!pair) throw new Error('Nothing can be signed with a key that is not held.')
      used = pair
    },
    make() {
      reload()
      const seed = place.newSeed('next')
      place.write({ ...kept, seeds: [...kept.seeds, seed] })
      reload()
      return keyPairFromSeed(seed).key
    },
    makeRecovery() {
      const seed = place.newSeed('recovery')
      const { kid } = keyPairFromSeed(seed).key
      place.writeRecovery(seed)
      // Should this node ever begin anew, it is with a recovery key that nobody has shown.
      reload()
      place.write({ ...kept, recovery: [kid] })
      reload()
      return kid
    },
    keepOnlyRecovery(kids) {
      for (const file of place.recoveryFiles())
        if (!kids.some((kid) => kid === file.kid)) place.removeRecovery(file)
    },
    keepOnly(kids) {
      reload()
      const seeds = kept.seeds.filter((_, i) => kids.includes(pairs[i]!.key.kid))
      if (seeds.length === kept.seeds.length || seeds.length === 0) return
      place.write({ ...kept, seeds })
      reload()
    },
  }
}

function pairsOf({ seeds }: KeptKeys): KeyPair[] {
  return seeds.map(keyPairFromSeed)
}
