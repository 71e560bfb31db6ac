import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { Handle, NodeId, UserId } from '../ids.ts'
import { limits } from '../limits.ts'
import { DisplayName } from '../wire/identity.ts'

/** Who is signed in, and where. */
export const Me = z.strictObject({
  id: UserId,
  /** Null for a guest, who is found by nobody. */
  handle: Handle.nullable(),
  name: z.string(),
  role: z.enum(['owner', 'admin', 'member', 'guest']),
  node: NodeId,
  /** The company, when its operator has named it. */
  organisation: z.string().optional(),
})
export type Me = z.output<typeof Me>

/** What proves a session: send it as `Authorization: Bearer`, or let the browser keep it as a cookie. */
export const SessionToken = z.strictObject({ token: z.string(), expiresAt: z.int() })
export type SessionToken = z.output<typeof SessionToken>

/** The token in a one-time link or of a session: 256 random bits, base64url. */
export const Token = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)

export const Password = z.string().max(limits.passwordCharactersMax)

export const createAccount = endpoint({
  method: 'POST',
  url: '/api/accounts',
  summary: 'Uses up a one-time link for an account, and signs it in.',
  policy: 'public',
  body: z.strictObject({ token: Token, handle: Handle, name: DisplayName, password: Password }),
  reply: { status: 201, schema: z.strictObject({ user: Me, session: SessionToken }) },
})

export const getMe = endpoint({
  method: 'GET',
  url: '/api/me',
  summary: 'The account that is signed in.',
  policy: 'user',
  reply: { status: 200, schema: Me },
})
