import { type KeyPair, keyPairFromSeed } from '#federation/keys.ts'
import type { Hash } from '#schema/ids.ts'
import type { Keys } from './keys.ts'

/** What is kept of a node's keys: their seeds, oldest first, and the commitments of the genesis. */
export type KeptKeys = { readonly seeds: readonly Uint8Array[]; readonly recovery: readonly Hash[] }

/** Where they are kept. */
export type KeyPlace = {
  read(): KeptKeys
  write(kept: KeptKeys): void
  newSeed(): Uint8Array
  recoveryFile(): string | undefined
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
      return place.recoveryFile()
    },
    recovery: kept.recovery,
    reload,
    use(kid) {
      const pair = pairs.find(({ key }) => key.kid === kid)
      if (!pair) throw new Error('Nothing can be signed with a key that is not held.')
      used = pair
    },
    make() {
      reload()
      const seed = place.newSeed()
      place.write({ ...kept, seeds: [...kept.seeds, seed] })
      reload()
      return keyPairFromSeed(seed).key
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
