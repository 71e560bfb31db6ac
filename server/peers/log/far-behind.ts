import { limits } from '#schema/limits.ts'
import { compareHeads } from '#schema/wire/endpoints.ts'
import type { ReplyOf } from '#schema/wire/endpoint.ts'
import type { Context } from '#server/context.ts'
import type { Behind } from '#server/db/cursors.ts'
import { findSpace } from '#server/db/spaces.ts'
import { callPeer, type PeerAnswer } from '../exchange/call.ts'

// A follower that lacks very much is not pushed at: it is told our head, pulls at its own pace, and is pushed the rest
// when it has come near (§9.3). How near is what it says when it is told again; nothing but a receipt moves the cursor.

export type Start =
  | { readonly do: 'push'; readonly after: number }
  /** It is pulling; look again later. */
  | { readonly do: 'wait' }
  | { readonly do: 'meet'; readonly answer: Exclude<PeerAnswer<unknown>, { ok: true }> }

/** From where on a node is to be pushed what it lacks. */
export async function findStart(context: Context, { node, spaceId, after, headSeq }: Behind): Promise<Start> {
  const row = headSeq - after <= limits.pushBacklogMax ? undefined : await findSpace(context.db, spaceId)
  if (!row) return { do: 'push', after }
  const answer = await callPeer(context, node, {
    contract: compareHeads,
    body: { spaces: [[spaceId, row.epoch, row.headSeq, row.headHash]] },
  })
  if (!answer.ok) return { do: 'meet', answer }
  const theirs = seqIn(answer.value, spaceId, row.headSeq)
  // What it has not begun it cannot pull on: the first page begins it.
  if (theirs === 0) return { do: 'push', after }
  // With the last entry comes a receipt, also from one who has it already.
  if (row.headSeq - theirs <= limits.pushBacklogMax)
    return { do: 'push', after: Math.max(after, Math.min(theirs, headSeq - 1)) }
  return { do: 'wait' }
}

function seqIn({ differ, unknown }: ReplyOf<typeof compareHeads>, space: string, ours: number): number {
  if (unknown.some((id) => id === space)) return 0
  return differ.find(([id]) => id === space)?.[2] ?? ours
}
