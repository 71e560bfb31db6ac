import type { Me, SessionToken } from '#schema/api/accounts.ts'
import type { Email } from '#schema/email.ts'
import type { SpaceId, UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { findAccountByEmail, getAccount, insertAccount } from '#server/db/accounts.ts'
import { addContact } from '#server/db/contacts.ts'
import { type InviteRow, setInviteStatus } from '#server/db/invites.ts'
import { deleteMailLink, listTakenUp } from '#server/db/mail-links.ts'
import type { Tx } from '#server/db/open.ts'
import { getWorkspacePolicy } from '#server/db/policies.ts'
import { insertUser } from '#server/db/users.ts'
import { addressOf, holdLink, openLink } from '#server/mail/links.ts'
import { enterGuest } from '#server/policy/enter.ts'
import { newUserId } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { type Proof, provenAddress } from './codes.ts'
import { needsCode } from './mail-invitations.ts'
import { openSession, viewMe } from './sessions.ts'

// Guests: people without a workspace, with a free account here. They come by a mailed invitation and in no other way.

type TakingUp = {
  readonly token: string
  readonly name?: string | undefined
  readonly proof?: Proof | undefined
  readonly device?: string | undefined
}
type TakenUp = { readonly user: Me; readonly session: SessionToken; readonly space: SpaceId }

/**
 * Takes an invitation up with a free account, which is made when the address has none. The link is used up in the
 * transaction that makes the account; the log makes the membership, at once or, after a crash, by the sweep.
 */
export async function acceptMailInvitation(context: Context, input: TakingUp): Promise<TakenUp> {
  const opened = await openLink(context, input.token)
  const { guests } = await getWorkspacePolicy(context.db)
  if (!guests) throw new Refusal('guests-off')
  if (await needsCode(context, opened)) await prove(context, input.proof, addressOf(opened))
  const { row, userId, session } = await context.db.transaction().execute(async (tx) => {
    const held = await holdLink(context, tx, input.token)
    const user = await accountFor(context, tx, addressOf(held), input.name)
    await setInviteStatus(tx, held.jti, 'accepted', user)
    await deleteMailLink(tx, held.jti)
    const at = context.clock.now()
    await addContact(tx, user, held.inviter, at)
    await addContact(tx, held.inviter, user, at)
    const opening = await openSession(context, tx, user, input.device)
    return { row: { ...held, userId: user }, userId: user, session: opening }
  })
  await join(context, row)
  return { user: viewMe(context, await getAccount(context.db, userId)), session, space: row.spaceId }
}

/** The address is theirs; the code is used up by it. */
export async function prove(context: Context, proof: Proof | undefined, email: Email): Promise<void> {
  if (!proof) throw new Refusal('code-required')
  if ((await provenAddress(context, proof)) !== email) throw new Refusal('wrong-code')
}

/** The account of an address, made now when there is none. */
async function accountFor(context: Context, tx: Tx, email: Email, name: string | undefined): Promise<UserId> {
  const account = await findAccountByEmail(tx, email)
  if (account && account.status !== 'active') throw new Refusal('link-invalid')
  if (account) return account.userId
  if (name === undefined) throw new Refusal('name-required')
  const userId = newUserId(context.random, context.node)
  const at = context.clock.now()
  await insertUser(tx, { id: userId, node: context.node, name, kind: 'guest', identityVersion: 1 })
  const isNew = await insertAccount(tx, {
    userId,
    handle: null,
    password: null,
    role: 'guest',
    email,
    createdAt: at,
    lastUsedAt: at,
  })
  // Somebody was quicker with the same address, by another link.
  if (!isNew) throw new Refusal('busy')
  return userId
}

/** Enters who has taken an invitation up into the log. The wish is the inviter's, who may have lost the right to it. */
async function join(context: Context, row: InviteRow): Promise<void> {
  const settled = await enterGuest(context, row)
  const isIn = settled.status !== 'refused' || settled.code === 'already-member'
  await context.db
    .transaction()
    .execute(async (tx) => await setInviteStatus(tx, row.jti, isIn ? 'joined' : 'revoked'))
  if (!isIn) throw new Refusal('invite-revoked')
}

/** What a crash has left between account and membership. */
export async function sweepTakenUp(context: Context): Promise<void> {
  for (const row of await listTakenUp(context.db, context.node)) {
    await join(context, row).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error
    })
  }
}
