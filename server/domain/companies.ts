import type { CompaniesPreview } from '#schema/api/companies.ts'
import { type NodeId, nodeOf, partsOfAddress, type SpaceId } from '#schema/ids.ts'
import type { Invitee } from '#schema/invitation.ts'
import type { Context } from '#server/context.ts'
import { listCompanies, listDeclared } from '#server/db/companies.ts'
import { getSpacePolicy } from '#server/db/policies.ts'
import type { SpacePolicy } from '#schema/policy.ts'
import { acquaintanceWith } from '#server/policy/acquaintance.ts'
import { type Decided, decide } from '#server/policy/decide.ts'
import { policyTowards } from '#server/policy/effective.ts'
import { judgeGathering } from '#server/policy/gathering.ts'
import { Refusal } from '#server/refusal.ts'
import { spaceForReader } from './access.ts'
import { type Actor, isAdmin } from './actor.ts'

// No surprise meeting: before a company comes into a space where it was not, whoever brings it has seen which one it
// is, and the policy of each side has been asked.

/** Which companies read a space or a draft now, and which would come with these groups and people. */
export async function previewCompanies(
  context: Context,
  actor: Actor,
  draft: {
    readonly space?: SpaceId | undefined
    readonly groups: readonly SpaceId[]
    readonly people: readonly Invitee[]
  },
): Promise<CompaniesPreview> {
  const { db } = context
  const space = draft.space && (await spaceForReader(context, actor, draft.space))
  for (const group of draft.groups) await spaceForReader(context, actor, group)
  const now = await companiesOf(context, space ? [space.id] : [])
  const named = draft.people.flatMap((to) => companyOf(to) ?? [])
  const coming = newTo(now, [...(await listCompanies(db, draft.groups)), ...named])
  const { verdict, rule } = await judgeCompanies(context, actor, { space: draft.space, now, coming })
  const warnings = coming.length === 0 ? [] : await listDeclared(db, now)
  return { now, coming, verdict, rule, warnings }
}

/** The company that an invitee names; undefined for an e-mail address, of which nobody knows yet. */
function companyOf(to: Invitee): NodeId | undefined {
  if ('user' in to) return nodeOf(to.user)
  return 'address' in to ? partsOfAddress(to.address).node : undefined
}

async function companiesOf({ db, node }: Context, spaces: readonly SpaceId[]): Promise<NodeId[]> {
  return [...new Set([node, ...(await listCompanies(db, spaces))])].toSorted()
}

function newTo(now: readonly NodeId[], all: readonly NodeId[]): NodeId[] {
  return [...new Set(all)].filter((node) => !now.includes(node)).toSorted()
}

type Meeting = {
  readonly space?: SpaceId | undefined
  readonly now: readonly NodeId[]
  readonly coming: readonly NodeId[]
}

/** What the policies towards all who come make of it: the first that does not just allow it. */
async function judgeCompanies(
  context: Context,
  actor: Actor,
  { space, now, coming }: Meeting,
): Promise<Decided> {
  const { db, node: ours } = context
  let decided: Decided = { verdict: 'allowed', rule: 'nobody-new' }
  const inSpace = await saidInSpace(context, space)
  for (const node of coming) {
    const facts = {
      ...(await acquaintanceWith(db, node)),
      isAdmin: isAdmin(actor),
      inSpace,
      node,
      isNew: true,
      others: [...now, ...coming].filter((other) => other !== ours && other !== node),
      kind: 'thread',
      role: 'poster',
      history: 'all',
      isFirst: now.length === 1,
    } as const
    decided = decide('invite', await policyTowards(db, node), facts)
    if (decided.verdict !== 'allowed') return decided
  }
  return decided
}

async function saidInSpace(
  { db }: Context,
  space: SpaceId | undefined,
): Promise<SpacePolicy['inviteExternals']> {
  return space === undefined ? null : (await getSpacePolicy(db, space)).inviteExternals
}

/** For a space that is only beginning, with nobody but us in it. */
export async function expectAllowed(
  context: Context,
  actor: Actor,
  coming: readonly NodeId[],
): Promise<void> {
  const { verdict, rule } = await judgeCompanies(context, actor, {
    now: [context.node],
    coming: [...new Set(coming)],
  })
  if (verdict === 'refused') throw new Refusal('policy-forbids', { rule })
}

/** Whoever sends this has seen every company that comes; otherwise they are told which do. */
export function agreeToCompanies(coming: readonly NodeId[], agreed: readonly NodeId[]): void {
  if (coming.some((node) => !agreed.includes(node)))
    throw new Refusal('companies-changed', { companies: coming })
}

/**
 * Groups bring their companies into a thread: agreed to by the sender and allowed by the policy towards each, which is
 * kept as a decision.
 */
export async function gatherCompanies(
  context: Context,
  actor: Actor,
  gathering: {
    readonly space?: SpaceId | undefined
    readonly groups: readonly SpaceId[]
    readonly agreed: readonly NodeId[]
  },
): Promise<void> {
  const { space, groups, agreed } = gathering
  const now = await companiesOf(context, space === undefined ? [] : [space])
  const coming = newTo(now, await listCompanies(context.db, groups))
  if (coming.length === 0) return
  agreeToCompanies(coming, agreed)
  const about = { actor: actor.userId, isAdmin: isAdmin(actor), space, now, coming }
  const rule = await judgeGathering(context, about)
  if (rule !== undefined) throw new Refusal('policy-forbids', { rule })
}
