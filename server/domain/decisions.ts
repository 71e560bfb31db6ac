import type { Decision, DryRun, PolicyDraft } from '#schema/api/policies.ts'
import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { type PartnerPolicy, WorkspacePolicy } from '#schema/policy.ts'
import type { Context } from '#server/context.ts'
import { type DecisionFilter, type DecisionRow, listDecisions as listRows } from '#server/db/decisions.ts'
import { getPartnerPolicy, getWorkspacePolicy } from '#server/db/policies.ts'
import { cutTimePage, readTimePosition } from '#server/db/time-pages.ts'
import { type Decided, decide, isDecisionKind } from '#server/policy/decide.ts'
import { Refusal } from '#server/refusal.ts'
import { viewPeople } from './people.ts'

type Asked = DecisionFilter & { readonly before?: string | undefined; readonly limit: number }

/** A page of what the policies decided, newest first. */
export async function listDecisions(
  context: Context,
  { before: text, limit, ...filter }: Asked,
): Promise<{ decisions: Decision[]; next: string | null }> {
  const before = text === undefined ? undefined : readTimePosition(text)
  if (text !== undefined && !before) throw new Refusal('bad-cursor')
  const { rows, next } = cutTimePage(await listRows(context.db, filter, { before, limit: limit + 1 }), limit)
  return { decisions: await viewDecisions(context, rows), next }
}

/** As administrators see them, who are members. */
async function viewDecisions(context: Context, rows: readonly DecisionRow[]): Promise<Decision[]> {
  const actors = rows.flatMap(({ actor }) => actor ?? [])
  const people = await viewPeople(context, 'workspace', actors)
  return rows.map(({ facts, actor, ...row }) => ({
    ...row,
    actor: actor && people.get(actor)!,
    facts: JSON.parse(facts) as Decision['facts'],
  }))
}

const dayMs = 24 * 60 * 60 * 1000

/** Decides again, by a draft, what was decided in the last days from the facts that were kept. Changes nothing. */
export async function dryRunPolicy(
  context: Context,
  { draft, days }: { readonly draft: PolicyDraft; readonly days: number },
): Promise<DryRun> {
  const since = context.clock.now() - days * dayMs
  const filter = { since, peer: 'node' in draft ? draft.node : undefined }
  const max = limits.dryRunDecisionsMax
  const rows = await listRows(context.db, filter, { limit: max + 1 })
  const policies = await draftedPolicies(context, draft)
  const changed: { readonly row: DecisionRow; readonly now: Decided }[] = []
  for (const row of rows.slice(0, max)) {
    const now = decideAgain(row, await policies(row.peer))
    if (now && now.verdict !== row.verdict) changed.push({ row, now })
  }
  const shown = await viewDecisions(
    context,
    changed.map(({ row }) => row),
  )
  return {
    tried: Math.min(rows.length, max),
    isPartial: rows.length > max,
    changed: changed.map(({ now }, i) => ({ decision: shown[i]!, ...now })),
  }
}

/** The policy that would hold towards a company if the draft did. */
async function draftedPolicies(
  { db }: Context,
  draft: PolicyDraft,
): Promise<(peer: NodeId | null) => Promise<WorkspacePolicy>> {
  const workspace = 'workspace' in draft ? draft.workspace : await getWorkspacePolicy(db)
  const known = new Map<NodeId, PartnerPolicy>('node' in draft ? [[draft.node, draft.partner]] : [])
  return async (peer) => {
    if (peer === null) return workspace
    if (!known.has(peer)) known.set(peer, await getPartnerPolicy(db, peer))
    return WorkspacePolicy.parse({ ...workspace, ...known.get(peer) })
  }
}

/** Undefined for a kind of decision that only another version knew. */
function decideAgain({ kind, facts }: DecisionRow, policy: WorkspacePolicy): Decided | undefined {
  // We wrote the facts ourselves, for this kind.
  return isDecisionKind(kind) ? decide(kind, policy, JSON.parse(facts) as never) : undefined
}
