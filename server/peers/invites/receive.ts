import { hashHeader } from '#federation/event.ts'
import { readIdentity } from '#federation/identity.ts'
import { faultOfInvite, inviteKind, readGenesis } from '#federation/invite.ts'
import { checkpointKind } from '#federation/log-documents.ts'
import { accept } from '#federation/outcome.ts'
import { domainOf, readTypedEmail } from '#schema/email.ts'
import type { NodeId, UserId } from '#schema/ids.ts'
import { nodeOf } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Invite, LetterInvitee } from '#schema/wire/invite.ts'
import type { Context } from '#server/context.ts'
import { findAccountByEmail, findUserByHandle, isActiveAccount } from '#server/db/accounts.ts'
import { isContact } from '#server/db/contacts.ts'
import { getInvitationSettings } from '#server/db/invitation-settings.ts'
import { countLettersOf, holdInvite, insertInvite, type InviteRow, renewLetter } from '#server/db/invites.ts'
import { acquaintanceWith } from '#server/policy/acquaintance.ts'
import { type Decided, decide, type LetterFacts } from '#server/policy/decide.ts'
import { policyTowards } from '#server/policy/effective.ts'
import { recordDecision } from '#server/policy/record.ts'
import { Refusal } from '#server/refusal.ts'
import { learnIdentity } from '../identities/identities.ts'
import { expectSigned } from '../exchange/signed.ts'
import { readGenesisProof } from '../log/genesis.ts'

/**
 * Receives a letter. The answer is the same whether or not the invitee exists and whatever our policy makes of it, and
 * so is the work: one for nobody is decided about and stored like any other, and shown to nobody (V4).
 */
export async function receiveInvite(
  context: Context,
  host: NodeId,
  text: string,
): Promise<{ status: 'received' }> {
  const { payload: invite } = await expectSigned(context, host, text, inviteKind)
  const now = context.clock.now()
  const fault = faultOfInvite(invite, Math.floor(now / 1000))
  if (fault) throw new Refusal(fault.code, { detail: fault.detail ?? 'invite' })
  const { payload: checkpoint } = await expectSigned(context, host, invite.genesis.checkpoint, checkpointKind)
  const { isPartner } = await acquaintanceWith(context.db, host)
  // Of whom a stranger names as the author nobody is asked; when the log comes, its proof is.
  const proof = isPartner
    ? await readGenesisProof(context, host, invite.genesis)
    : accept('unchecked' as const)
  if (!proof.ok) throw new Refusal(proof.code, { detail: proof.detail ?? 'proof' })
  const genesis = readGenesis(invite, checkpoint, proof.value)
  if (!genesis.ok) throw new Refusal(genesis.code, { detail: genesis.detail ?? 'genesis' })
  const max = isPartner ? limits.invitesPerPartnerOpenMax : limits.invitesPerStrangerOpenMax
  if ((await countLettersOf(context.db, host)) >= max) throw new Refusal('rate')
  const inviter = await inviterOf(context, invite, isPartner)
  const user = await findInvitee(context, invite.invitee)
  const { facts, decided } = await judgeLetter(context, invite, { inviter, user })
  const row: InviteRow = {
    jti: invite.jti,
    spaceId: invite.space,
    host,
    node: context.node,
    inviter,
    ...named(invite.invitee),
    userId: user ?? null,
    role: invite.role,
    history: invite.history,
    historyAt: invite.history_at ?? null,
    kind: invite.kind,
    title: genesis.value.settings.title ?? null,
    genesisHash: hashHeader(invite.genesis.event.header),
    roster: JSON.stringify(invite.roster),
    jws: text,
    status: ({ allowed: 'open', approval: 'approval', refused: 'refused' } as const)[decided.verdict],
    rule: decided.rule,
    decidedBy: null,
    ask: null,
    expiresAt: invite.exp * 1000,
    createdAt: now,
  }
  await store(context, row, { facts, decided })
  context.wake.signal('invitations')
  return { status: 'received' }
}

type Judged = { readonly facts: LetterFacts; readonly decided: Decided }

/** A letter that came before changes nothing but its dates and who else takes part, until somebody has answered it. */
async function store(context: Context, row: InviteRow, { facts, decided }: Judged): Promise<void> {
  await context.db.transaction().execute(async (tx) => {
    const about = { actor: row.inviter, peer: row.host, space: row.spaceId }
    const before = await holdInvite(tx, row.jti)
    if (!before) {
      await insertInvite(tx, row)
      return await recordDecision(context, tx, { kind: 'letter', facts, decided, about })
    }
    if (before.host !== row.host || before.spaceId !== row.spaceId) return
    const { jws, roster, expiresAt } = row
    if (before.status === 'open' || before.status === 'approval') {
      return await renewLetter(tx, row.jti, { jws, roster, expiresAt, status: before.status })
    }
    // Whoever had said yes is asked again when it names other companies.
    if (before.status === 'accepted' && before.roster !== roster) {
      return await renewLetter(tx, row.jti, { jws, roster, expiresAt, status: 'open' })
    }
    if (before.status === 'expired')
      await renewLetter(tx, row.jti, { jws, roster, expiresAt, status: row.status })
  })
}

/** Who invites: somebody of the host, or of a company that takes part; perhaps a colleague of the invitee. */
async function inviterOf(
  context: Context,
  { inviter, roster, iss }: Invite,
  isPartner: boolean,
): Promise<UserId> {
  const document = readIdentity(inviter)
  if (!document.ok) throw new Refusal(document.code, { detail: 'inviter' })
  const { sub } = document.value.payload
  const node = nodeOf(sub)
  // For a stranger we look up nobody but itself: its letters name whom they like.
  if (node !== iss && !(isPartner && roster.includes(node)))
    throw new Refusal('no-right', { detail: 'inviter' })
  if (node === context.node) {
    if (await isActiveAccount(context.db, sub)) return sub
    throw new Refusal('no-right', { detail: 'inviter' })
  }
  const learnt = await learnIdentity(context, inviter)
  if (!learnt.ok) throw new Refusal(learnt.code, { detail: 'inviter' })
  return sub
}

async function findInvitee(context: Context, invitee: LetterInvitee): Promise<UserId | undefined> {
  const { handle, user, email } = invitee
  if (handle !== undefined) return await findUserByHandle(context.db, handle)
  if (email !== undefined) return await findUserByEmail(context, email)
  return user !== undefined && (await isActiveAccount(context.db, user)) ? user : undefined
}

/** An address of a domain that we claim, and only as far as somebody here has shown that it is theirs. */
async function findUserByEmail({ db, config }: Context, typed: string): Promise<UserId | undefined> {
  const email = readTypedEmail(typed)
  if (email === undefined || !config.emailDomains.some((domain) => domain === domainOf(email)))
    return undefined
  const account = await findAccountByEmail(db, email)
  return account?.status === 'active' && account.role !== 'guest' ? account.userId : undefined
}

function named({ handle, user, email }: LetterInvitee): Pick<InviteRow, 'invitee' | 'inviteeKind'> {
  if (handle !== undefined) return { invitee: handle, inviteeKind: 'handle' }
  if (user !== undefined) return { invitee: user, inviteeKind: 'user' }
  return { invitee: email, inviteeKind: 'email' }
}

async function judgeLetter(
  context: Context,
  { iss, kind, role, history, roster }: Invite,
  { inviter, user }: { readonly inviter: UserId; readonly user: UserId | undefined },
): Promise<Judged> {
  const { db, node: ours } = context
  // For nobody the same is asked as for somebody.
  const invitee = user ?? (`u_${'a'.repeat(26)}@${ours}` as UserId)
  const { from } = await getInvitationSettings(db, invitee)
  const facts: LetterFacts = {
    ...(await acquaintanceWith(db, iss)),
    kind,
    role,
    history,
    isKnown: user !== undefined,
    isContact: nodeOf(inviter) === ours || (await isContact(db, invitee, inviter)),
    from,
    others: roster.filter((node) => node !== iss && node !== ours),
  }
  return { facts, decided: decide('letter', await policyTowards(db, iss), facts) }
}
