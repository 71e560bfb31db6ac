import type { Me, SessionToken } from '#schema/api/accounts.ts'
import type { Session } from '#schema/api/sessions.ts'
import type { Handle, UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { type AccountRow, findAccount, getAccount } from '#server/db/accounts.ts'
import { noteUse } from '#server/db/guests.ts'
import { alone, type Tx } from '#server/db/open.ts'
import {
  deleteExpiredSessions,
  deleteSession,
  deleteSessionOf,
  insertSession,
  listSessionsOf,
} from '#server/db/sessions.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'
import { isPassword } from './passwords.ts'
import { hashToken, newToken } from './tokens.ts'

const dayMs = 24 * 60 * 60 * 1000

/** Whose session a token proves. Runs on every request, so all who ask at once share one statement. */
export async function actorOfToken(context: Context, token: string): Promise<Actor> {
  const sessionHash = hashToken(token)
  const row = await context.reads.session(sessionHash)
  if (!row || row.expiresAt <= context.clock.now() || row.status !== 'active') {
    throw new Refusal('session-expired')
  }
  const { userId, handle, role, identityVersion } = row
  const now = context.clock.now()
  // Once a day, so that reading costs no write; a free account that nobody uses ends.
  if (row.lastUsedAt + dayMs <= now) {
    await noteUse(alone(context.db), userId, now)
  }
  return { userId, handle, role, identityVersion, sessionHash }
}

/** Signs in. An unknown handle and a wrong password look and cost the same. */
export async function signIn(
  context: Context,
  input: { readonly handle: Handle; readonly password: string; readonly device?: string | undefined },
): Promise<SessionToken & { user: Me }> {
  const account = await findAccount(context.db, input.handle)
  const isRight = await isPassword(context, input.password, account?.password ?? undefined)
  if (!account || !isRight || account.status !== 'active') throw new Refusal('wrong-credentials')
  const session = await context.db
    .transaction()
    .execute(async (tx) => await openSession(context, tx, account.userId, input.device))
  return { ...session, user: viewMe(context, account) }
}

/** `device`: what the browser or program calls itself. */
export async function openSession(
  context: Context,
  tx: Tx,
  userId: UserId,
  device?: string,
): Promise<SessionToken> {
  const { token, tokenHash } = newToken(context.random)
  const createdAt = context.clock.now()
  const expiresAt = createdAt + limits.sessionLifeMs
  await insertSession(tx, { tokenHash, userId, createdAt, expiresAt, device: device ?? null })
  return { token, expiresAt }
}

export async function signOut(context: Context, actor: Actor): Promise<void> {
  await deleteSession(alone(context.db), actor.sessionHash)
  context.live.end({ session: actor.sessionHash })
}

/** Where somebody is signed in; the actor themself, or another for an administrator. */
export async function listSessions(
  context: Context,
  actor: Actor,
  user: UserId,
): Promise<{ sessions: Session[] }> {
  const rows = await listSessionsOf(context.db, user, context.clock.now())
  return {
    sessions: rows.map(({ tokenHash, createdAt, expiresAt, device }) => ({
      id: tokenHash.slice(0, sessionIdCharacters),
      createdAt,
      expiresAt,
      device,
      current: tokenHash === actor.sessionHash,
    })),
  }
}

/** Half of a hash finds a session, and opens none. */
const sessionIdCharacters = 22

/** Ends one of the actor's sessions, with its streams. */
export async function revokeSession(context: Context, actor: Actor, id: string): Promise<void> {
  const ended = await context.db
    .transaction()
    .execute(async (tx) => await deleteSessionOf(tx, actor.userId, id))
  if (ended === undefined) throw new Refusal('not-found')
  context.live.end({ session: ended })
}

/** Does the session that opened a stream still let this actor in, as somebody who sees the same? */
export async function isStillOpen(context: Context, { sessionHash, role }: Actor): Promise<boolean> {
  const row = await context.reads.session(sessionHash)
  if (!row || row.expiresAt <= context.clock.now()) return false
  return row.status === 'active' && (row.role === 'guest') === (role === 'guest')
}

export async function getMe(context: Context, actor: Actor): Promise<Me> {
  return viewMe(context, await getAccount(context.db, actor.userId))
}

export function viewMe(
  context: Context,
  account: Pick<AccountRow, 'userId' | 'handle' | 'name' | 'role' | 'title' | 'timeZone' | 'statusText'>,
): Me {
  const { node } = context
  const { organisation } = context.config
  const { userId: id, handle, name, role, title, timeZone, statusText } = account
  const company = organisation === undefined ? {} : { organisation }
  return { id, handle, name, role, node, ...company, title, timeZone, statusText }
}

/** Forgets sessions that have ended by themselves. */
export async function sweepSessions(context: Context): Promise<void> {
  const now = context.clock.now()
  await deleteExpiredSessions(alone(context.db), now)
}
