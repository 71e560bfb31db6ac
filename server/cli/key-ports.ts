import type { Db } from '#server/db/open.ts'
import type { RecoverPorts } from '#server/peers/own-keys/recover.ts'
import { systemClock } from '#server/ports/clock.ts'
import type { Keys } from '#server/ports/keys.ts'
import { openKeyFile } from '#server/ports/node-keys.ts'
import { systemRandom } from '#server/ports/random.ts'
import type { settingsOf } from './place.ts'

/**
 * What a command takes to change the keys of a node. The key file is opened when something in it is needed: it may be
 * lost. `makesKeys`: it is made then.
 */
export function keyPortsOf(
  { node, dataDirectory }: Pick<ReturnType<typeof settingsOf>, 'node' | 'dataDirectory'>,
  db: Db,
  { makesKeys }: { readonly makesKeys: boolean },
): RecoverPorts {
  let keys: Keys | undefined
  return {
    ...{ node, db, clock: systemClock, random: systemRandom },
    get keys() {
      return (keys ??= openKeyFile({ dataDirectory, node, random: systemRandom, isNew: makesKeys }))
    },
  }
}
