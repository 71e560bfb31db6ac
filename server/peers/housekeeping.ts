import type { Context } from '#server/context.ts'
import { forgetExchanges } from './exchanges.ts'
import { forgetNonces } from './nonces.ts'

/** Forgets what a node keeps about requests between nodes for a limited time only. */
export function startHousekeeping(context: Context): void {
  context.tasks.every('nonce cleanup', 60_000, async () => await forgetNonces(context))
  context.tasks.every('exchange cleanup', 60 * 60 * 1000, async () => await forgetExchanges(context))
}
