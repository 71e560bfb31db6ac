import type { SpaceCreate } from '#schema/event/space-create.ts'
import type { UserId } from '#schema/ids.ts'
import type { Tx } from '#server/db/open.ts'
import { insertSpace } from '#server/db/spaces.ts'
import type { Placed } from './intent.ts'

/**
 * The rows of a space that begins with this genesis. The batch's heads then move them to where it ends. False when
 * somebody else has begun it since the locks were taken: what is not there yet cannot be held.
 */
export async function beginSpace(tx: Tx, { space, entry, event, digest }: Placed): Promise<boolean> {
  const { kind, settings } = event.content as SpaceCreate
  const { epoch, seq, at } = entry.body
  return await insertSpace(
    tx,
    {
      id: space,
      kind,
      host: event.header.host,
      epoch,
      starter: event.header.sender as UserId,
      title: settings.title ?? null,
      headSeq: seq,
      headHash: entry.hash,
      headAt: at,
      createdAt: at,
      frozen: null,
      baseSeq: 0,
      baseHash: null,
      snapshotSeq: 0,
      threadsListedAt: null,
      purging: false,
      withheld: false,
      cuts: 0,
    },
    { spaceId: space, stateSeq: seq, stateHash: entry.hash, digest },
  )
}
