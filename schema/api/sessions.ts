import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { Handle, UserId } from '../ids.ts'
import { limits } from '../limits.ts'
import { Me, Password, SessionToken } from './accounts.ts'

export const createSession = endpoint({
  method: 'POST',
  url: '/api/sessions',
  summary: 'Signs in.',
  policy: 'public',
  attemptsPerMinuteMax: limits.signInsPerMinuteMax,
  body: z.strictObject({ handle: Handle, password: Password }),
  reply: { status: 201, schema: SessionToken.extend({ user: Me }) },
})

export const endSession = endpoint({
  method: 'DELETE',
  url: '/api/sessions/current',
  summary: 'Signs out: the session that asks ends at once.',
  policy: 'user',
  reply: { status: 204, schema: z.null() },
})

export const SessionId = z.string().regex(/^[A-Za-z0-9_-]{22}$/)

/** A place where somebody is signed in. Times in milliseconds. */
export const Session = z.strictObject({
  id: SessionId,
  createdAt: z.int(),
  expiresAt: z.int(),
  /** What the browser or program called itself when it signed in. */
  device: z.string().nullable(),
  /** The one that asks. */
  current: z.boolean(),
})
export type Session = z.output<typeof Session>

const sessions = z.strictObject({ sessions: z.array(Session) })

export const listSessions = endpoint({
  method: 'GET',
  url: '/api/sessions',
  summary: 'Where you are signed in.',
  policy: 'user',
  reply: { status: 200, schema: sessions },
})

export const revokeSession = endpoint({
  method: 'DELETE',
  url: '/api/sessions/:sessionId',
  summary: 'Ends one of your sessions, with the streams that it opened.',
  policy: 'user',
  params: z.strictObject({ sessionId: SessionId }),
  reply: { status: 204, schema: z.null() },
})

const ofAccount = z.strictObject({ userId: UserId })

export const listSessionsOf = endpoint({
  method: 'GET',
  url: '/api/accounts/:userId/sessions',
  summary: 'Where somebody is signed in.',
  policy: 'admin',
  params: ofAccount,
  reply: { status: 200, schema: sessions },
})

export const revokeSessionsOf = endpoint({
  method: 'DELETE',
  url: '/api/accounts/:userId/sessions',
  summary: 'Ends all sessions of somebody, with the streams that they opened.',
  policy: 'admin',
  params: ofAccount,
  reply: { status: 204, schema: z.null() },
})
