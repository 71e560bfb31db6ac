import type { Account } from '#schema/api/accounts.ts'
import type { Session } from '#schema/api/sessions.ts'
import type { Handle, UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import {
  type AccountRow,
  findAccountOf,
  holdAccount,
  listAccounts as listRows,
  setRole,
} from '#server/db/accounts.ts'
import { insertAudit } from '#server/db/audit.ts'
import type { Tx } from '#server/db/open.ts'
import { refusePendingOf } from '#server/db/pending.ts'
import { deleteSessionsOf, listSessionsOf as listSessionRows } from '#server/db/sessions.ts'
import { changeUser } from '#server/db/users.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'
import { endUnvouched } from './endings.ts'
import { viewPeople, viewpointOf } from './people.ts'
import { listSessions } from './sessions.ts'

// What administrators decide about accounts. Every act stands in the audit record in its own transaction; what follows
// from it in spaces is derived from the user's status and made up for by a sweep.

export async function listAccounts(
  context: Context,
  actor: Actor,
  page: { readonly after?: Handle | undefined; readonly limit: number },
): Promise<{ accounts: Account[]; next: Handle | null }> {
  const rows = await listRows(context.db, { ...page, limit: page.limit + 1, now: context.clock.now() })
  const shown = rows.slice(0, page.limit)
  const next = rows.length > page.limit ? (shown.at(-1)?.handle ?? null) : null
  return { accounts: await viewAccounts(context, actor, shown), next }
}

async function viewAccounts(
  context: Context,
  actor: Actor,
  rows: readonly (AccountRow & { readonly sessions: number })[],
): Promise<Account[]> {
  const people = await viewPeople(
    context,
    viewpointOf(actor),
    rows.map((row) => row.userId),
  )
  return rows.map(({ userId, handle, role, status, createdAt, sessions }) => ({
    person: people.get(userId)!,
    handle,
    role,
    status: status === 'active' ? 'active' : 'suspended',
    createdAt,
    sessions,
  }))
}

async function viewAccount(context: Context, actor: Actor, row: AccountRow): Promise<Account> {
  const { length: sessions } = await listSessionRows(context.db, row.userId, context.clock.now())
  const [account] = await viewAccounts(context, actor, [{ ...row, sessions }])
  return account!
}

/** Ends sessions and memberships, here and at other companies. */
export async function suspendAccount(context: Context, actor: Actor, user: UserId): Promise<Account> {
  const account = await decide(context, actor, { user, act: 'account.suspend' }, async (tx, { status }) => {
    if (status !== 'suspended') await end(tx, user, 'suspended')
  })
  await followEnding(context, user)
  return await viewAccount(context, actor, { ...account, status: 'suspended' })
}

export async function reactivateAccount(context: Context, actor: Actor, user: UserId): Promise<Account> {
  const account = await decide(
    context,
    actor,
    { user, act: 'account.reactivate', staysOwner: true },
    async (tx, { status }) => {
      if (status !== 'active') await changeUser(tx, user, { status: 'active' }, true)
    },
  )
  context.wake.signal('identities')
  return await viewAccount(context, actor, { ...account, status: 'active' })
}

export async function deleteAccount(context: Context, actor: Actor, user: UserId): Promise<void> {
  await decide(context, actor, { user, act: 'account.delete' }, async (tx) => {
    await end(tx, user, 'deleted')
    await changeUser(tx, user, { title: null, timeZone: null, statusText: null }, false)
  })
  await followEnding(context, user)
}

async function end(tx: Tx, user: UserId, status: 'suspended' | 'deleted'): Promise<void> {
  await changeUser(tx, user, { status }, true)
  await deleteSessionsOf(tx, user)
  await refusePendingOf(tx, user, 'not-vouched')
}

/** What is open closes at once; other nodes are told, and memberships end, behind the commit. */
async function followEnding(context: Context, user: UserId): Promise<void> {
  context.live.end({ user })
  context.wake.signal('identities')
  await endUnvouched(context)
}

export async function changeRole(
  context: Context,
  actor: Actor,
  { userId: user, role }: { readonly userId: UserId; readonly role: 'owner' | 'admin' | 'member' },
): Promise<Account> {
  const deed = { user, act: `account.role.${role}`, staysOwner: role === 'owner' }
  const account = await decide(context, actor, deed, async (tx, held) => {
    // A guest becomes a member by another way, which ends what they are signed in to.
    if (held.role === 'guest') throw new Refusal('not-found')
    if (role === 'owner' && actor.role !== 'owner') throw new Refusal('owner-required')
    await setRole(tx, user, role)
  })
  return await viewAccount(context, actor, { ...account, role })
}

export async function listSessionsOf(
  context: Context,
  actor: Actor,
  user: UserId,
): Promise<{ sessions: Session[] }> {
  const account = await findAccountOf(context.db, user)
  if (!account || account.status === 'deleted') throw new Refusal('not-found')
  return await listSessions(context, actor, user)
}

/** Signs somebody out everywhere. */
export async function endSessionsOf(context: Context, actor: Actor, user: UserId): Promise<void> {
  const deed = { user, act: 'account.sessions.end', staysOwner: true }
  await decide(context, actor, deed, async (tx) => await deleteSessionsOf(tx, user))
  context.live.end({ user })
}

type Deed = { readonly user: UserId; readonly act: string; readonly staysOwner?: boolean }

/** Holds the account, checks who may decide about it, does it, and writes down who did. */
async function decide(
  context: Context,
  actor: Actor,
  { user, act, staysOwner = false }: Deed,
  change: (tx: Tx, account: AccountRow) => Promise<void>,
): Promise<AccountRow> {
  return await context.db.transaction().execute(async (tx) => {
    const held = await holdAccount(tx, user)
    if (!held || held.account.status === 'deleted') throw new Refusal('not-found')
    if (held.account.role === 'owner') {
      if (actor.role !== 'owner') throw new Refusal('owner-required')
      if (!staysOwner && held.otherOwners === 0) throw new Refusal('last-owner')
    }
    await change(tx, held.account)
    const id = newUuid(context.clock, context.random)
    await insertAudit(tx, { id, at: context.clock.now(), actor: actor.userId, act, subject: user })
    return held.account
  })
}
