import type { NodeAdd } from '#schema/event/node-add.ts'
import { insertHold } from '#server/db/holds.ts'
import { wasShown } from '#server/db/invites.ts'
import type { Tx } from '#server/db/open.ts'
import { type CompanyFacts, decide } from '#server/policy/decide.ts'
import { policyTowards } from '#server/policy/effective.ts'
import { recordDecision } from '#server/policy/record.ts'
import type { Effect, Happening } from './effect.ts'

export const nodeAdd: Effect<'node.add'> = async (tx, happening) => {
  const { space, seq, content, node, hosted } = happening
  await tx
    .insertInto('spaceNode')
    .values({ spaceId: space, node: content.node, addSeq: seq, removeSeq: null })
    .execute()
  if (!hosted && content.node !== node) await meet(tx, happening)
}

/**
 * A company has arrived in a space that a partner hosts (§11.5). Unless somebody here has agreed to it with an
 * invitation, the policy towards the partner decides; the hold is there before anything of that company is. A copy that
 * is taken anew after a purge meets it again, and is decided about as things are then.
 */
async function meet(tx: Tx, happening: Happening<'node.add'>): Promise<void> {
  const { space, seq, content, event, clock } = happening
  const { host } = event.header
  const { node: arrived }: NodeAdd = content
  if (await wasShown(tx, space, arrived)) return
  const facts: CompanyFacts = { arrived }
  const decided = decide('company', await policyTowards(tx, host), facts)
  const about = { peer: host, space }
  await recordDecision(happening, tx, { kind: 'company', facts, decided, about })
  const { verdict, rule } = decided
  if (verdict !== 'allowed')
    await insertHold(tx, { spaceId: space, node: arrived, seq, rule, since: clock.now() })
}
