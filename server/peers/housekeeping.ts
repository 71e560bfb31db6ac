import type { Context } from '#server/context.ts'
import { forgetExchanges } from './exchange/exchanges.ts'
import { refreshLapsed } from './identities/exchange.ts'
import { forgetNonces } from './exchange/nonces.ts'
import { forgetReach } from './exchange/reach.ts'

/** Forgets what a node keeps for a limited time only, and asks for what it should have been told. */
export function startHousekeeping(context: Context): void {
  context.tasks.every('nonce cleanup', 60_000, async () => await forgetNonces(context))
  context.tasks.every('breaker cleanup', 10 * 60_000, async () => await Promise.resolve(forgetReach(context)))
  context.tasks.every('exchange cleanup', 60 * 60 * 1000, async () => await forgetExchanges(context))
  context.tasks.every('lapsed identities', 60 * 60 * 1000, async () => await refreshLapsed(context))
}
