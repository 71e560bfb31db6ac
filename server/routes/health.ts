import { getHealth, getReadiness } from '#schema/api/health.ts'
import type { Context } from '#server/context.ts'
import { isReachable } from '#server/db/reachable.ts'
import { Refusal } from '#server/refusal.ts'
import { type App, serve } from './serve.ts'

const pingMs = 2_000

/** For supervisors and proxies. A partner that is away never makes the node unready. */
export function healthRoutes(app: App, context: Context, isReady: () => boolean): void {
  const { version } = context.config
  serve(app, context, getHealth, async () => ({ status: 'alive', version }) as const)

  serve(app, context, getReadiness, async () => {
    if (!isReady()) throw new Refusal('busy', { reason: 'draining' })
    const ended = new AbortController()
    const late = context.clock.sleep(pingMs, ended.signal).then(() => false)
    const isThere = await Promise.race([isReachable(context.db), late])
    ended.abort()
    if (!isThere) throw new Refusal('storage-unavailable')
    // Still worth its place behind the proxy: the page says what is the matter, and what is internal goes on.
    return { status: context.mode.recovering ? 'recovery' : 'ready' } as const
  })
}
