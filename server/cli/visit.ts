import type { Context } from '#server/context.ts'
import { openNode } from '#server/node.ts'
import { openLogger } from '#server/ports/logger.ts'
import { openDatabase, reachDatabase } from './database.ts'
import { settingsOf } from './place.ts'

/** Beside the node that may be running: nothing listens and nothing works in the background. */
export async function visit(
  environment: NodeJS.ProcessEnv,
  node: string | undefined,
  opened: AsyncDisposableStack,
): Promise<Context> {
  const config = settingsOf({ environment, node })
  await openDatabase(config, opened)
  const databaseUrl = await reachDatabase(config, opened)
  const visitor = await openNode({ ...config, databaseUrl }, { logger: openLogger('silent') })
  opened.defer(async () => await visitor.stop())
  return visitor.context
}
