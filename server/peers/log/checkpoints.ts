import type { Head } from '#federation/chain.ts'
import { signCheckpoint } from '#federation/log-documents.ts'
import type { Hash, SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'

/** Our signed head of a space that we host. Only ever of what is committed: persist, then sign (§8.1). */
export function checkpointOf(context: Context, space: SpaceId, head: Head, state: Hash): string {
  const { epoch, seq, hash } = head
  return signCheckpoint(
    { v: 1, iss: context.node, space, epoch, seq, hash, state, at: context.clock.now() },
    context.keys.signer,
  )
}
