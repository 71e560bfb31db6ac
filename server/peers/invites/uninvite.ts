import { accept } from '#federation/outcome.ts'
import type { InviteRow } from '#server/db/invites.ts'
import type { Context } from '#server/context.ts'
import { makeHostEvent } from '#server/log/host-event.ts'
import type { Settled } from '#server/log/intent.ts'

/** Ends an invitation into a space that we host, in our own name: the log says so, and its effect ends the letter. */
export async function uninvite(
  context: Context,
  { spaceId: space, jti }: Pick<InviteRow, 'spaceId' | 'jti'>,
  reason: 'declined' | 'expired',
): Promise<Settled> {
  const event = makeHostEvent(context, { space, type: 'member.uninvite', content: { jti, reason } })
  return await context.log.append({
    space,
    origin: context.node,
    eventId: event.header.id,
    bytes: 1_000,
    groups: [],
    changesState: true,
    plan: () => accept([event]),
  })
}
