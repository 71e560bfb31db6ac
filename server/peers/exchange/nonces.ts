import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { coalesce } from '#server/db/coalesce.ts'
import { deleteNonces, type Nonce, takeNonces } from '#server/db/nonces.ts'
import { alone } from '#server/db/open.ts'
import { perNode } from '../per-node.ts'

// Each signature that changes something is used once (S11). Requests that arrive together ask together.

const takerOf = perNode((context) =>
  coalesce(async (asked: readonly Nonce[]) => {
    const taken = await takeNonces(alone(context.db), asked)
    const first = new Set(taken.map(nameOf))
    // Two of the same in one statement are one row: it belongs to whoever stands first.
    return asked.map((nonce) => first.delete(nameOf(nonce)))
  }),
)

/** True for the first request that comes with this nonce. */
export async function takeNonce(context: Context, kid: string, nonce: string): Promise<boolean> {
  return await takerOf(context)({ kid, nonce, at: context.clock.now() })
}

/** Forgets nonces whose signatures the clock refuses by now. */
export async function forgetNonces(context: Context): Promise<void> {
  const before = context.clock.now() - limits.nonceLifeMs
  await deleteNonces(alone(context.db), before)
}

function nameOf({ kid, nonce }: { readonly kid: string; readonly nonce: string }): string {
  return `${kid} ${nonce}`
}
