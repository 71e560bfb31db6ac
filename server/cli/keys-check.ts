import { readOperationLog } from '#federation/operation-log.ts'
import type { Hash } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { listOperationTexts } from '#server/db/node-ops.ts'
import { openKeyFile } from '#server/ports/node-keys.ts'
import { systemRandom } from '#server/ports/random.ts'
import { openDatabase } from './database.ts'
import { Failure } from './failure.ts'
import { settingsOf } from './place.ts'
import { askRecoveryKey } from './secret.ts'

// parley keys check: is what somebody has written down the recovery key? It is compared and forgotten.

export type CheckOptions = { readonly node?: string; readonly deleteFile?: boolean }

export async function check(
  environment: NodeJS.ProcessEnv,
  { node: name, deleteFile = false }: CheckOptions,
  print: (line: string) => void,
): Promise<void> {
  const config = settingsOf({ environment, node: name })
  const { node, dataDirectory } = config
  await using opened = new AsyncDisposableStack()
  const db = await openDatabase(config, opened)
  const texts = await listOperationTexts(db, node, { after: 0, limit: limits.operationsPerLogMax })
  const log = readOperationLog(texts, node)
  if (!log.ok) throw new Failure(2, 'This node has no key history yet.\nStart it once.')
  const { kid } = (await askRecoveryKey()).key
  if (!log.value.recovery.includes(kid)) {
    const last = texts.findLastIndex((_, i) => committedIn(texts.slice(0, i + 1), node, kid))
    throw new Failure(
      2,
      last >= 0
        ? `That was a recovery key of ${node}. Operation ${last + 2} of its history has replaced it.`
        : `That is no recovery key of ${node}.\nIts commitments are ${log.value.recovery.join(', ')}.`,
    )
  }
  print(`That is a recovery key of ${node}.`)
  const keys = openKeyFile({ dataDirectory, node, random: systemRandom, isNew: false })
  const file = keys.recoveryFile
  if (file === undefined) return
  if (!deleteFile) {
    print(`It still lies at ${file}. parley keys check --delete-file takes it off this machine.`)
    return
  }
  keys.keepOnlyRecovery(log.value.recovery.filter((other) => other !== kid))
  print(`It is no more at ${file}. What is written down is the only one there is.`)
}

/** Was this a commitment after these operations? */
function committedIn(
  texts: readonly string[],
  node: Parameters<typeof readOperationLog>[1],
  kid: Hash,
): boolean {
  const log = readOperationLog(texts, node)
  return log.ok && log.value.recovery.includes(kid)
}
