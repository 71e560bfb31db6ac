import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { insertDecision } from '#server/db/decisions.ts'
import type { Tx } from '#server/db/open.ts'
import type { Clock } from '#server/ports/clock.ts'
import { newUuid, type Random } from '#server/ports/random.ts'
import type { Decided, DecisionKind, FactsOf } from './decide.ts'

/** What a decision is about, beside its facts. */
export type About = {
  readonly actor?: UserId | undefined
  readonly peer?: NodeId | null | undefined
  readonly space?: SpaceId | undefined
}

/** Keeps a decision with the rule that made it and the facts it was made from. */
export async function recordDecision<K extends DecisionKind>(
  context: { readonly clock: Clock; readonly random: Random },
  tx: Tx,
  { kind, facts, decided, about }: Made<K>,
): Promise<void> {
  await insertDecision(tx, {
    id: newUuid(context.clock, context.random),
    at: context.clock.now(),
    kind,
    verdict: decided.verdict,
    rule: decided.rule,
    actor: about.actor ?? null,
    peer: about.peer ?? null,
    spaceId: about.space ?? null,
    facts: JSON.stringify(facts),
  })
}

export type Made<K extends DecisionKind> = {
  readonly kind: K
  readonly facts: FactsOf[K]
  readonly decided: Decided
  readonly about: About
}
