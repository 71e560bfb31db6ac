import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { getSpacePolicy } from '#server/db/policies.ts'
import { decide, type GatheringFacts } from './decide.ts'
import { policyTowards } from './effective.ts'
import { recordDecision } from './record.ts'

/** Groups that bring companies into a thread, by somebody's wish. */
export type Gathering = {
  readonly actor: UserId
  readonly isAdmin: boolean
  /** Undefined before it has begun. */
  readonly space?: SpaceId | undefined
  /** The companies that take part already, and those that come. */
  readonly now: readonly NodeId[]
  readonly coming: readonly NodeId[]
}

/** Asks the policy towards each company that comes, and keeps the decisions. Returns the rule that forbids it. */
export async function judgeGathering(context: Context, gathering: Gathering): Promise<string | undefined> {
  const { db, node: ours } = context
  const { actor, isAdmin, space, now, coming } = gathering
  const facts: GatheringFacts = {
    isAdmin,
    inSpace: space === undefined ? null : (await getSpacePolicy(db, space)).inviteExternals,
    coming,
    others: now.filter((node) => node !== ours),
  }
  for (const node of coming) {
    const decided = decide('gathering', await policyTowards(db, node), facts)
    const about = { actor, peer: node, space }
    await db
      .transaction()
      .execute(async (tx) => await recordDecision(context, tx, { kind: 'gathering', facts, decided, about }))
    if (decided.verdict === 'refused') return decided.rule
  }
  return undefined
}
