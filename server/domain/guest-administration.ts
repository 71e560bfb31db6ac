import type { Guest } from '#schema/api/guests.ts'
import type { Handle, UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { findAccount } from '#server/db/accounts.ts'
import { insertAudit } from '#server/db/audit.ts'
import {
  closeAccount,
  findGuest,
  type GuestRow,
  listGuests as listRows,
  listUnusedGuests,
  makeMember,
} from '#server/db/guests.ts'
import type { Tx } from '#server/db/open.ts'
import { deleteSessionsOf } from '#server/db/sessions.ts'
import { changeUser, holdUser } from '#server/db/users.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'
import { reactivateAccount, suspendAccount } from './administration.ts'
import { endUnvouched } from './endings.ts'
import { viewPeople, viewpointOf } from './people.ts'

// What administrators decide about free accounts, and what happens to those that nobody uses.

export async function listGuests(
  context: Context,
  actor: Actor,
  page: { readonly after?: UserId | undefined; readonly limit: number },
): Promise<{ guests: Guest[]; next: UserId | null }> {
  const rows = await listRows(context.db, { ...page, limit: page.limit + 1 })
  const shown = rows.slice(0, page.limit)
  const people = await viewPeople(
    context,
    viewpointOf(actor),
    shown.map(({ userId }) => userId),
  )
  return {
    guests: shown.map((row) => viewGuest(row, people.get(row.userId)!)),
    next: rows.length > page.limit ? (shown.at(-1)?.userId ?? null) : null,
  }
}

function viewGuest(row: GuestRow, person: Guest['person']): Guest {
  const { email, status, createdAt, lastUsedAt, storageBytes: usedBytes, spaces } = row
  return {
    person,
    email: email ?? '',
    status,
    createdAt,
    lastUsedAt,
    expiresAt: lastUsedAt + limits.guestUnusedLifeMs,
    storage: { usedBytes, bytesMax: limits.guestStorageBytesMax },
    spaces,
  }
}

/** Ends their sessions, streams and memberships. */
export async function disableGuest(context: Context, actor: Actor, user: UserId): Promise<Guest> {
  await getGuest(context, user)
  await suspendAccount(context, actor, user)
  return await describeGuest(context, actor, user)
}

/** Lets them sign in again. They are invited into spaces anew. */
export async function enableGuest(context: Context, actor: Actor, user: UserId): Promise<Guest> {
  await getGuest(context, user)
  await reactivateAccount(context, actor, user)
  return await describeGuest(context, actor, user)
}

async function getGuest(context: Context, user: UserId): Promise<GuestRow> {
  const guest = await findGuest(context.db, user)
  if (!guest) throw new Refusal('not-found')
  return guest
}

async function describeGuest(context: Context, actor: Actor, user: UserId): Promise<Guest> {
  const people = await viewPeople(context, viewpointOf(actor), [user])
  return viewGuest(await getGuest(context, user), people.get(user)!)
}

/**
 * Makes a guest a member. Whatever they are signed in to ends, because it was opened with other rights (T-78); they
 * sign in again by code or passkey. Their spaces stay theirs.
 */
export async function convertGuest(
  context: Context,
  actor: Actor,
  { userId: user, handle }: { readonly userId: UserId; readonly handle: Handle },
): Promise<{ id: UserId; handle: Handle }> {
  await getGuest(context, user)
  await context.db.transaction().execute(async (tx) => {
    const { status, kind } = await holdUser(tx, user)
    if (kind !== 'guest' || status !== 'active') throw new Refusal('not-found')
    if (await findAccount(tx, handle)) throw new Refusal('handle-taken')
    await makeMember(tx, user, handle)
    await changeUser(tx, user, { kind: 'member' }, true)
    await deleteSessionsOf(tx, user)
    await audit(context, tx, { actor: actor.userId, act: 'guest.convert', subject: user })
  })
  context.live.end({ user })
  context.wake.signal('identities')
  return { id: user, handle }
}

const atOnceMax = 200

/** Ends the free accounts that nobody has used for ninety days. What they wrote keeps their name. */
export async function expireGuests(context: Context): Promise<void> {
  const since = context.clock.now() - limits.guestUnusedLifeMs
  for (const user of await listUnusedGuests(context.db, since, atOnceMax)) {
    await context.db.transaction().execute(async (tx) => {
      await closeGuest(tx, user)
      await audit(context, tx, { actor: null, act: 'guest.expire', subject: user })
    })
    await followClosing(context, user)
  }
}

/** The account ends for good. */
export async function closeGuest(tx: Tx, user: UserId): Promise<void> {
  const gone = { status: 'deleted', title: null, timeZone: null, statusText: null } as const
  await changeUser(tx, user, gone, true)
  await deleteSessionsOf(tx, user)
  await closeAccount(tx, user)
}

/** What is open closes at once; other nodes are told, and memberships end, behind the commit. */
export async function followClosing(context: Context, user: UserId): Promise<void> {
  context.live.end({ user })
  context.wake.signal('identities')
  await endUnvouched(context)
}

async function audit(
  context: Context,
  tx: Tx,
  entry: { readonly actor: UserId | null; readonly act: string; readonly subject: string },
): Promise<void> {
  const id = newUuid(context.clock, context.random)
  await insertAudit(tx, { ...entry, id, at: context.clock.now() })
}
