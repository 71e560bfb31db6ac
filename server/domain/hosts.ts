import type { Host } from '#schema/removal.ts'
import type { Context } from '#server/context.ts'
import { type HostOfUser, listHostsOf } from '#server/db/leases.ts'
import type { Actor } from './actor.ts'

/** The companies that host spaces of somebody here, and whether those may be read now: what a banner says. */
export async function listHosts(context: Context, actor: Actor): Promise<{ hosts: Host[] }> {
  const who = { user: actor.userId, node: context.node }
  const rows = await listHostsOf(context.db, who, context.clock.now())
  return { hosts: rows.map(viewHost) }
}

function viewHost({ host, access, spaces, untilAt, outageUntil, heardAt }: HostOfUser): Host {
  const ends = { open: untilAt, outage: outageUntil, archive: null, locked: null } as const
  return {
    node: host,
    access: access ?? 'locked',
    until: ends[access ?? 'locked'],
    lastHeardAt: heardAt,
    spaces,
  }
}
