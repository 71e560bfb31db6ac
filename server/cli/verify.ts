import { auditLogs } from '#server/log/audit.ts'
import { openDatabase } from './database.ts'
import { Failure } from './failure.ts'
import { databaseSettingsOf } from './place.ts'

// parley verify: hashes every log in the database anew. Reads only.

export type VerifyOptions = { readonly node?: string }

export async function verify(
  environment: NodeJS.ProcessEnv,
  { node }: VerifyOptions,
  print: (line: string) => void,
): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const db = await openDatabase(databaseSettingsOf({ environment, node }), opened)
  const { spaces, entries, damages } = await auditLogs(db)
  for (const { space, seq, what } of damages) print(`${space} entry ${seq}: ${what}`)
  if (damages.length > 0) throw new Failure(1, `${damages.length} of ${spaces} logs are damaged.`)
  print(`${spaces} logs with ${entries} entries are whole.`)
}
