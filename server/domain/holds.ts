import type { Approval } from '#schema/api/approvals.ts'
import type { SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { insertAudit } from '#server/db/audit.ts'
import { closeHolds, listOpenHolds, type OpenHold } from '#server/db/holds.ts'
import { listMembersOf } from '#server/db/members.ts'
import { findSpace } from '#server/db/spaces.ts'
import { policyTowards } from '#server/policy/effective.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'
import { writeEvent } from './write.ts'

// A company has arrived in a space that another node hosts (§11.5). Until an administrator here has decided, posting is
// paused and what that company writes is hidden.

const shownMax = 200

type Held = Extract<Approval, { what: 'company' }>

/** The spaces that wait, each with all the companies that hold it up. */
export async function listHeld(context: Context): Promise<Held[]> {
  const bySpace = Map.groupBy(await listOpenHolds(context.db, shownMax), ({ spaceId }) => spaceId)
  return await Promise.all([...bySpace.values()].map(async (holds) => await viewHeld(context, holds)))
}

async function viewHeld(context: Context, holds: readonly OpenHold[]): Promise<Held> {
  const [{ spaceId, kind, title, host, since, rule }] = holds as [OpenHold]
  const { transitive } = await policyTowards(context.db, host)
  return {
    what: 'company',
    id: spaceId,
    space: spaceId,
    kind,
    title,
    host,
    nodes: [...new Set(holds.map(({ node }) => node))],
    mayApprove: transitive !== 'deny',
    rule,
    since,
  }
}

/** Goes on with the companies that arrived, or leaves the space to them. */
export async function decideHold(context: Context, actor: Actor, id: SpaceId, yes: boolean): Promise<void> {
  const held = (await listHeld(context)).find(({ space }) => space === id)
  const space = await findSpace(context.db, id)
  if (!held || !space) throw new Refusal('not-found')
  if (yes && !held.mayApprove) throw new Refusal('policy-forbids', { rule: 'transitive=deny' })
  const at = context.clock.now()
  await context.db.transaction().execute(async (tx) => {
    const act = yes ? 'company.approve' : 'company.refuse'
    const audit = { id: newUuid(context.clock, context.random), at, actor: actor.userId, act, subject: id }
    await insertAudit(tx, audit)
    // What is refused stays hidden until we are out.
    if (yes) await closeHolds(tx, id, { by: actor.userId, at })
  })
  if (yes) {
    context.live.recheck({ space: id })
    return
  }
  for (const user of await listMembersOf(context.db, id, context.node)) {
    await writeEvent(context, actor, space, {
      type: 'member.leave',
      content: { user, reason: 'administrator' },
      idempotencyKey: `leave ${held.since} ${user}`.slice(0, 64),
    })
  }
}
