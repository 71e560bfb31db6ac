import type { Verdict } from '#federation/replica.ts'
import type { MemberJoin } from '#schema/event/member-join.ts'
import type { NodeId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { findInvite } from '#server/db/invites.ts'

/**
 * What a log says about a joining of ours that the letter did not say (H8): another role or history, or a company that
 * took part already and was not named. Undefined when letter and log agree.
 */
export async function findMismatch(
  context: Context,
  host: NodeId,
  { judged, state }: Extract<Verdict, { do: 'apply' }>,
): Promise<string | undefined> {
  for (const { entry, event } of judged) {
    if (event.header.type !== 'member.join') continue
    const { user, role, history, invite } = event.content as MemberJoin
    if (invite === undefined || !user.endsWith(`@${context.node}`)) continue
    const letter = await findInvite(context.db, invite)
    if (letter?.status !== 'accepted' || letter.host !== host || letter.spaceId !== entry.body.space) continue
    if (letter.role !== role || letter.history !== history) return 'role or history'
    const named = new Set([...(JSON.parse(letter.roster) as NodeId[]), context.node])
    for (const [node, addSeq] of state.nodes)
      if (addSeq < entry.body.seq && !named.has(node))
        return `a company that the letter did not name: ${node}`
  }
  return undefined
}
