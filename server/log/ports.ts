import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Db } from '#server/db/open.ts'
import type { Clock } from '#server/ports/clock.ts'
import type { Live } from '#server/ports/live.ts'
import type { Logger } from '#server/ports/logger.ts'
import type { Random } from '#server/ports/random.ts'
import type { Tasks } from '#server/ports/tasks.ts'
import type { Wake } from '#server/ports/wake.ts'
import type { Intent, Placed, Settled } from './intent.ts'
import type { States } from './states.ts'

/** What the log needs of the node it is part of. */
export type LogPorts = {
  readonly node: NodeId
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly wake: Wake
  readonly live: Live
  readonly tasks: Tasks
  readonly logger: Logger
}

export type CommitListener = (space: SpaceId, placed: readonly Placed[]) => void

/** Where every change to a space goes, whoever asks for it, and where everything that follows logs listens. */
export type Log = {
  /** Queues an intent. Resolves after its transaction, with a refusal or with its place in the log. */
  append(intent: Intent): Promise<Settled>
  /** Calls back after each commit of this process, in the order of the log. Returns the way to stop. */
  onCommit(listener: CommitListener): () => void
  /** For `apply`, which commits entries of logs that others host. */
  committed(space: SpaceId, placed: readonly Placed[]): void
  readonly states: States
}
