import type { SpaceId } from '#schema/ids.ts'
import type { Genesis } from '#schema/wire/invite.ts'
import type { Context } from '#server/context.ts'
import { listEntries, listProofs } from '#server/db/entries.ts'
import { checkpointOf } from './checkpoints.ts'

/** The beginning of a space that we host, with all that somebody needs to check that it is the one of its id. */
export async function genesisOf(context: Context, space: SpaceId): Promise<Genesis> {
  const { db } = context
  const [first] = await listEntries(db, space, { after: 0, limit: 1 })
  if (!first?.stateDigest) throw new Error('A space without a genesis cannot be shown to anybody.')
  const [proof] = await listProofs(db, space, first.proofHash === null ? [] : [first.proofHash])
  const { header, salt, content } = first
  return {
    event: { header, salt, content },
    ...(proof === undefined ? {} : { proof }),
    entry: first.text,
    checkpoint: checkpointOf(context, space, first, first.stateDigest),
  }
}
