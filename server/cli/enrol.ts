import { inviteOwner } from '#server/domain/enrolments.ts'
import { openNode } from '#server/node.ts'
import { openLogger } from '#server/ports/logger.ts'
import { openDatabase, reachDatabase } from './database.ts'
import { Failure } from './failure.ts'
import { settingsOf } from './place.ts'

// parley enrol: the way in for somebody who administers the machine.

export type EnrolOptions = { readonly node?: string; readonly owner?: true }

/** Prints a one-time link that makes its holder an owner. An earlier one that nobody used ends. */
export async function printEnrolment(
  environment: NodeJS.ProcessEnv,
  { node, owner }: EnrolOptions,
  print: (line: string) => void,
): Promise<void> {
  if (!owner) {
    throw new Failure(
      2,
      'This makes links for owners only.\nSay parley enrol --owner; owners invite members on the page.',
    )
  }
  const config = settingsOf({ environment, node })
  await using opened = new AsyncDisposableStack()
  await openDatabase(config, opened)
  // Beside the node that may be running on it: nothing listens and nothing works in the background.
  const databaseUrl = await reachDatabase(config, opened)
  const visitor = await openNode({ ...config, databaseUrl }, { logger: openLogger('silent') })
  opened.defer(async () => await visitor.stop())
  const { link } = await inviteOwner(visitor.context)
  print(link)
}
