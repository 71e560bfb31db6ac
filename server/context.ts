import type { Http } from '#federation/transport/http.ts'
import type { Config } from './config.ts'
import type { Reads } from './db/reads.ts'
import type { Log, LogPorts } from './log/ports.ts'
import type { Activity } from './ports/activity.ts'
import type { Gate } from './ports/gate.ts'
import type { Keys } from './ports/keys.ts'
import type { Mail } from './ports/mail.ts'
import type { MarkFile } from './ports/mark-file.ts'
import type { Mode } from './ports/mode.ts'

/**
 * Everything impure that a use case may touch, built in one place (`node.ts`). Tests replace single fields; n
 * contexts live side by side in one process.
 */
export type Context = LogPorts & {
  readonly config: Config
  readonly log: Log
  readonly reads: Reads
  readonly keys: Keys
  readonly http: Http
  readonly mail: Mail
  readonly activity: Activity
  /** Says whether this database may have been put back from a backup. */
  readonly mark: MarkFile
  readonly mode: Mode
  /** How many passwords are hashed at once. */
  readonly hashing: Gate
}
