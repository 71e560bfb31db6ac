import { getHead, pullEntries } from '#schema/wire/endpoints.ts'
import type { EntryBody } from '#schema/wire/event.ts'
import type { Batch } from '#schema/wire/log.ts'
import type { Context } from '#server/context.ts'
import type { SpaceRow } from '#server/db/spaces.ts'
import { Refusal } from '#server/refusal.ts'
import { callPeer } from '../exchange/call.ts'
import { readCheckpoint } from '../truth/evidence.ts'
import { findFork } from '../truth/fork.ts'
import { readEntries, receiveBatch } from './receive.ts'

/**
 * Looks for where the epoch begins that the host of a copy is in, when the copy does not lead there page by page: it is
 * frozen, or holds something else. Found by halves, since epochs only go up; what is found is then kept as an offer
 * (SPEC R16).
 */
export async function meetEpoch(context: Context, row: SpaceRow): Promise<void> {
  const { id: space, host } = row
  const answer = await callPeer(context, host, { contract: getHead, params: { space }, space })
  const word = answer.ok ? await readCheckpoint(context, host, answer.value.checkpoint) : undefined
  if (!word?.ok || word.value.payload.space !== space) return
  const { epoch, seq: last } = word.value.payload
  const before = await findFork(1, last, async (seq) => {
    const body = readFirst(await pullOne(context, row, seq))
    // What is not for us to see lies before what is.
    return body === undefined || body.epoch < epoch
  })
  const page = before === undefined ? undefined : await pullOne(context, row, before + 1)
  if (page) await offer(context, row, page)
}

/** The page with just this entry; undefined when it is not given to us. */
async function pullOne(
  context: Context,
  { id: space, host }: SpaceRow,
  seq: number,
): Promise<Batch | undefined> {
  const answer = await callPeer(context, host, {
    contract: pullEntries,
    params: { space },
    query: { after: seq - 1, limit: 1 },
    space,
  })
  return answer.ok ? answer.value : undefined
}

function readFirst(page: Batch | undefined): EntryBody | undefined {
  return page && readEntries(page)[0]?.entry.body
}

/** It is judged as any other batch, and refused as what does not follow our head. */
async function offer(context: Context, { id: space, host }: SpaceRow, page: Batch): Promise<void> {
  try {
    await receiveBatch(context, host, page, { space })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
  }
}
