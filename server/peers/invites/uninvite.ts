import { accept } from '#federation/outcome.ts'
import type { NodeId } from '#schema/ids.ts'
import { type InviteRow, listOpenWith, setInviteStatus } from '#server/db/invites.ts'
import type { Context } from '#server/context.ts'
import { alone } from '#server/db/open.ts'
import { makeHostEvent } from '#server/log/host-event.ts'
import type { Settled } from '#server/log/intent.ts'

/** Ends an invitation into a space that we host, in our own name: the log says so, and its effect ends the letter. */
export async function uninvite(
  context: Context,
  { spaceId: space, jti }: Pick<InviteRow, 'spaceId' | 'jti'>,
  reason: 'declined' | 'expired' | 'revoked',
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

/** Ends an invitation of ours, in the log where it is in it. */
export async function endOpenInvite(
  context: Context,
  row: InviteRow,
  reason: 'expired' | 'revoked',
): Promise<void> {
  const { jti, status } = row
  const settled = await uninvite(context, row, reason)
  if (settled.status !== 'refused' || (status !== 'approval' && status !== 'open')) return
  // Nothing of it ever was in the log.
  await setInviteStatus(alone(context.db), jti, reason)
}

/** What is open between two companies ends with their partnership, or the next one would bring it to life again. */
export async function endInvitesWith(context: Context, node: NodeId): Promise<void> {
  for (const row of await listOpenWith(context.db, node)) {
    if (row.host === context.node) await endOpenInvite(context, row, 'revoked')
    else await setInviteStatus(alone(context.db), row.jti, 'revoked')
  }
}
