import type { HistoryWindow, Role } from '#schema/event/shared.ts'
import { type Hash, type NodeId, nodeOf, type UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { insertAudit } from '#server/db/audit.ts'
import { listCompanies } from '#server/db/companies.ts'
import { insertControlMessage } from '#server/db/control-messages.ts'
import { countInvitesBy, findWaitingInvite, insertInvite, type InviteRow } from '#server/db/invites.ts'
import { isMember } from '#server/db/members.ts'
import type { Tx } from '#server/db/open.ts'
import { getSpacePolicy, getWorkspacePolicy } from '#server/db/policies.ts'
import type { SpaceRow } from '#server/db/spaces.ts'
import type { InviteeKind } from '#server/db/invitation-tables.ts'
import { mailInvitation } from '#server/mail/invitation.ts'
import { newInviteId, newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { acquaintanceWith } from './acquaintance.ts'
import { type Decided, decide, type InviteFacts } from './decide.ts'
import { policyTowards } from './effective.ts'
import { recordDecision } from './record.ts'

// An invitation into a space that we host begins here, whether one of our own people wishes it or another node asks for
// one of its own: the policy decides, and the letter is stored with the decision. What the log says comes after it.

/** Whom it is for: in their own node's words, and the node; null for a person without one. */
export type Addressee = { readonly kind: InviteeKind; readonly text: string; readonly node: NodeId | null }

export type Inviting = {
  readonly space: SpaceRow
  readonly inviter: UserId
  readonly isAdmin: boolean
  readonly to: Addressee
  readonly role: Role
  readonly history: HistoryWindow
  /** Node and id of the ask, when another node asked. */
  readonly ask?: string
}

/** `link`: for whoever invites to hand over. */
export type Opened = InviteRow & { readonly link: string | null }

const dayMs = 24 * 60 * 60 * 1000

/**
 * Decides about an invitation and stores it: `open`, or waiting for an administrator. The letter to another company
 * leaves with the entry that the caller writes next; where a crash comes in between, it is entered a little later.
 */
export async function openInvitation(context: Context, inviting: Inviting): Promise<Opened> {
  const { space, inviter, to, role, history, ask } = inviting
  await refuseTwice(context, inviting)
  const { facts, decided } = await judgeInvite(context, inviting)
  const now = context.clock.now()
  const row: InviteRow = {
    jti: newInviteId(context.random),
    spaceId: space.id,
    host: context.node,
    node: to.node,
    inviter,
    invitee: to.text,
    inviteeKind: to.kind,
    userId: null,
    role,
    history,
    historyAt: null,
    kind: space.kind,
    title: space.title,
    genesisHash: space.id.slice('s_'.length) as Hash,
    roster: '[]',
    jws: '',
    status: decided.verdict === 'approval' ? 'approval' : 'open',
    rule: decided.rule,
    decidedBy: null,
    ask: ask ?? null,
    expiresAt: now + limits.inviteLifeSeconds * 1000,
    createdAt: now,
  }
  const link = await context.db.transaction().execute(async (tx) => {
    const about = { actor: inviter, peer: to.node, space: space.id }
    await recordDecision(context, tx, { kind: 'invite', facts, decided, about })
    if (decided.verdict === 'refused') {
      const id = newUuid(context.clock, context.random)
      await insertAudit(tx, { id, at: now, actor: inviter, act: 'invite.refused', subject: space.id })
      return null
    }
    await insertInvite(tx, row)
    return row.status === 'open' && row.node === null ? await mailInvitation(context, tx, row) : null
  })
  if (decided.verdict === 'refused') throw new Refusal('policy-forbids', { rule: decided.rule })
  return { ...row, link }
}

/** What the policy would say. */
export async function judgeInvite(
  context: Context,
  { space, isAdmin, to, role, history }: Omit<Inviting, 'inviter' | 'ask'>,
): Promise<{ facts: InviteFacts; decided: Decided }> {
  const { db, node: ours } = context
  const companies = await listCompanies(db, [space.id])
  const known =
    to.node === null
      ? { isPartner: false, isEnded: false, listed: null }
      : await acquaintanceWith(db, to.node)
  const others = companies.filter((node) => node !== ours && node !== to.node)
  const facts: InviteFacts = {
    ...known,
    isAdmin,
    inSpace: (await getSpacePolicy(db, space.id)).inviteExternals,
    node: to.node,
    isNew: to.node !== null && to.node !== ours && !companies.includes(to.node),
    others,
    kind: space.kind,
    role,
    history,
    isFirst: companies.every((node) => node === ours),
  }
  const policy = to.node === null ? await getWorkspacePolicy(db) : await policyTowards(db, to.node)
  return { facts, decided: decide('invite', policy, facts) }
}

async function refuseTwice(context: Context, { space, inviter, to }: Inviting): Promise<void> {
  const { db } = context
  if (await findWaitingInvite(db, space.id, to)) throw new Refusal('already-invited')
  if (to.kind === 'user' && (await isMember(db, space.id, to.text as UserId))) {
    throw new Refusal('already-member')
  }
  const sent = await countInvitesBy(db, inviter, context.clock.now() - dayMs)
  if (sent >= limits.invitesPerUserPerDayMax) throw new Refusal('rate', { retryAfter: dayMs / 1000 })
}

/**
 * Sends a letter once more, or the first time to a person without a company, of whom no log tells: they are written to by
 * mail, and where there is no mail server, the link is returned for whoever invites.
 */
export async function queueLetter(context: Context, tx: Tx, row: InviteRow): Promise<string | null> {
  const { jti, node } = row
  if (node === null) return await mailInvitation(context, tx, row)
  await insertControlMessage(tx, {
    id: newUuid(context.clock, context.random),
    node,
    kind: 'invite',
    subject: jti,
    body: '',
    createdAt: context.clock.now(),
  })
  return null
}

/** The invitee's own company hosts nothing here: a user id names its node. */
export function addresseeOf(user: UserId): Addressee {
  return { kind: 'user', text: user, node: nodeOf(user) }
}
