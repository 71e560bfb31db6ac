import { expectAgain } from '#server/db/cuts.ts'
import { releaseSpace } from '#server/db/recovery.ts'
import { insertSecurityEvent } from '#server/db/security-events.ts'
import type { Effect } from './effect.ts'

/** An epoch that begins is told to administrators, whether it took something away here or not. */
export const spaceReanchor: Effect<'space.reanchor'> = async (tx, happening) => {
  const { space, content, event, entry, hosted } = happening
  if (hosted) await releaseSpace(tx, space)
  const { after } = content
  if (!after) return
  if (!hosted) await expectAgain(tx, space, after.seq)
  const { at, epoch } = entry.body
  const detail = `epoch ${epoch} goes on from entry ${after.seq} of epoch ${after.epoch}`
  const told = { id: event.header.id, at, kind: 'new-epoch', peer: event.header.host, spaceId: space, detail }
  await insertSecurityEvent(tx, told)
}
