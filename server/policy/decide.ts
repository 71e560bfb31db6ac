import type { HistoryWindow, Role, SpaceKind } from '#schema/event/shared.ts'
import type { NodeId } from '#schema/ids.ts'
import type { SpacePolicy, WorkspacePolicy } from '#schema/policy.ts'

// What a policy makes of a wish: pure, so that a draft can be tried on what was decided before. The facts are all
// that it looks at, and are kept with the decision. Each rule has the name by which operators find it: the setting and
// its value, or the list that somebody stands on.

export type Verdict = 'allowed' | 'approval' | 'refused'
export type Decided = { readonly verdict: Verdict; readonly rule: string }

/** How another company stands with us, before anything else is asked. */
export type Acquaintance = {
  /** Our administrator has approved it. */
  readonly isPartner: boolean
  /** A partnership with it was ended, by an act of either side: only an administrator begins another. */
  readonly isEnded: boolean
  /** The list it stands on, by name or by a pattern. */
  readonly listed: 'allow' | 'block' | null
}

/** Somebody brings another company's person, or a person without a company, into a space. */
export type InviteFacts = Acquaintance & {
  /** Is the inviter an administrator of this workspace? */
  readonly isAdmin: boolean
  /** What is stricter in this space than in the others. */
  readonly inSpace: SpacePolicy['inviteExternals']
  /** The invitee's company; null for a person without one. */
  readonly node: NodeId | null
  /** It does not take part yet. */
  readonly isNew: boolean
  /** The companies beside ours and that one. */
  readonly others: readonly NodeId[]
  readonly kind: SpaceKind
  readonly role: Role
  readonly history: HistoryWindow
  /** So far only we took part: this is what shares the space at all (OPS-06). */
  readonly isFirst: boolean
}

/** A group brings its companies into a thread. */
export type GatheringFacts = {
  readonly isAdmin: boolean
  readonly inSpace: SpacePolicy['inviteExternals']
  readonly coming: readonly NodeId[]
  /** The companies beside ours and those that come. */
  readonly others: readonly NodeId[]
}

/** A letter came that invites somebody here. */
export type LetterFacts = Acquaintance & {
  readonly kind: SpaceKind
  readonly role: Role
  readonly history: HistoryWindow
  /** There is such a person here. */
  readonly isKnown: boolean
  readonly isContact: boolean
  /** What the invitee has chosen. */
  readonly from: 'everybody' | 'contacts'
  /** The companies that take part beside the host and us. */
  readonly others: readonly NodeId[]
}

/** A company has arrived in a space that a partner hosts. */
export type CompanyFacts = { readonly arrived: NodeId }

/** A company asks to be a partner. */
export type IntroductionFacts = Acquaintance

export type FactsOf = {
  readonly invite: InviteFacts
  readonly gathering: GatheringFacts
  readonly letter: LetterFacts
  readonly company: CompanyFacts
  readonly introduction: IntroductionFacts
}
export type DecisionKind = keyof FactsOf

type Rules = { readonly [K in DecisionKind]: (policy: WorkspacePolicy, facts: FactsOf[K]) => Decided }

const rules: Rules = {
  invite: decideInvite,
  gathering: decideGathering,
  letter: decideLetter,
  company: decideCompany,
  introduction: (policy, facts) => refusedByName(facts) ?? waitsForPartner(policy, facts) ?? welcome(facts),
}

/** What the policy towards a company makes of these facts. */
export function decide<K extends DecisionKind>(kind: K, policy: WorkspacePolicy, facts: FactsOf[K]): Decided {
  return rules[kind](policy, facts)
}

export function isDecisionKind(kind: string): kind is DecisionKind {
  return Object.hasOwn(rules, kind)
}

function decideInvite(policy: WorkspacePolicy, facts: InviteFacts): Decided {
  const { node, isNew, others } = facts
  const no = refusedByName(facts) ?? mayBring(policy, facts, isNew && others.length > 0)
  if (no) return no
  if (node === null && !policy.guests) return { verdict: 'refused', rule: 'guests=no' }
  const wait = node === null ? undefined : waitsForPartner(policy, facts)
  if (wait) return wait
  if (policy.approveOutgoing && !facts.isAdmin) return { verdict: 'approval', rule: 'approveOutgoing=yes' }
  return { verdict: 'allowed', rule: `inviteExternals=${policy.inviteExternals}` }
}

function decideGathering(policy: WorkspacePolicy, facts: GatheringFacts): Decided {
  const no = mayBring(policy, facts, facts.coming.length + facts.others.length > 1)
  return no ?? { verdict: 'allowed', rule: `inviteExternals=${policy.inviteExternals}` }
}

function decideLetter(policy: WorkspacePolicy, facts: LetterFacts): Decided {
  const { kind, isKnown, isContact, from, others } = facts
  const named = refusedByName(facts)
  if (named) return named
  if (!isKnown) return { verdict: 'refused', rule: 'invitee=nobody' }
  if (from === 'contacts' && !isContact) return { verdict: 'refused', rule: 'invitee=contacts' }
  const { directMessages } = policy
  if (kind === 'dm' && (directMessages === 'nobody' || (directMessages === 'contacts' && !isContact))) {
    return { verdict: 'refused', rule: `directMessages=${directMessages}` }
  }
  if (others.length > 0 && policy.transitive === 'deny')
    return { verdict: 'refused', rule: 'transitive=deny' }
  const wait = waitsForPartner(policy, facts)
  if (wait) return wait
  if (policy.approveIncoming) return { verdict: 'approval', rule: 'approveIncoming=yes' }
  if (others.length > 0 && policy.transitive === 'ask') return { verdict: 'approval', rule: 'transitive=ask' }
  return { verdict: 'allowed', rule: 'approveIncoming=no' }
}

function decideCompany({ transitive }: WorkspacePolicy): Decided {
  const verdict = { allow: 'allowed', ask: 'approval', deny: 'refused' } as const
  return { verdict: verdict[transitive], rule: `transitive=${transitive}` }
}

function refusedByName({ listed }: Acquaintance): Decided | undefined {
  return listed === 'block' ? { verdict: 'refused', rule: 'list=block' } : undefined
}

/** A company that nobody has approved: does it become a partner by itself? */
function waitsForPartner({ inbound }: WorkspacePolicy, facts: Acquaintance): Decided | undefined {
  if (facts.isPartner) return undefined
  if (facts.isEnded) return { verdict: 'approval', rule: 'partnership-ended' }
  if (facts.listed === 'allow' || inbound === 'open') return undefined
  return { verdict: 'approval', rule: `inbound=${inbound}` }
}

function welcome({ isPartner, listed }: Acquaintance): Decided {
  if (isPartner) return { verdict: 'allowed', rule: 'partner' }
  return { verdict: 'allowed', rule: listed === 'allow' ? 'list=allow' : 'inbound=open' }
}

/** What holds whoever is brought in, and however. A space adds to what the workspace says, and takes nothing away. */
function mayBring(
  { inviteExternals, thirdCompanies }: WorkspacePolicy,
  { isAdmin, inSpace }: { readonly isAdmin: boolean; readonly inSpace: SpacePolicy['inviteExternals'] },
  isThird: boolean,
): Decided | undefined {
  const isClosed = (to: SpacePolicy['inviteExternals']): boolean =>
    to === 'nobody' || (to === 'admins' && !isAdmin)
  if (isClosed(inviteExternals)) return { verdict: 'refused', rule: `inviteExternals=${inviteExternals}` }
  if (isClosed(inSpace)) return { verdict: 'refused', rule: `space.inviteExternals=${inSpace}` }
  return isThird && thirdCompanies === 'deny'
    ? { verdict: 'refused', rule: 'thirdCompanies=deny' }
    : undefined
}
