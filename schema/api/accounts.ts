import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { Handle, NodeId, UserId } from '../ids.ts'
import { limits } from '../limits.ts'
import { Person, profileTexts } from '../person.ts'
import { DisplayName, TimeZone } from '../wire/identity.ts'

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
  ...profileTexts,
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

export const changeMe = endpoint({
  method: 'PATCH',
  url: '/api/me',
  summary: 'Changes your profile; null takes a field away. What of it other companies see is a policy.',
  policy: 'user',
  body: z.strictObject({
    name: DisplayName.optional(),
    title: DisplayName.nullable().optional(),
    timeZone: TimeZone.nullable().optional(),
    statusText: DisplayName.nullable().optional(),
  }),
  reply: { status: 200, schema: Me },
})

/** An account as administrators see it. */
export const Account = z.strictObject({
  person: Person,
  /** Null for a guest. */
  handle: Handle.nullable(),
  role: z.enum(['owner', 'admin', 'member', 'guest']),
  status: z.enum(['active', 'suspended']),
  /** Milliseconds. */
  createdAt: z.int(),
  sessions: z.int(),
})
export type Account = z.output<typeof Account>

export const listAccounts = endpoint({
  method: 'GET',
  url: '/api/accounts',
  summary: 'The members of the workspace, in the order of their handles.',
  policy: 'admin',
  querystring: z.strictObject({
    after: Handle.optional(),
    limit: z.coerce.number().int().min(1).max(limits.pageLengthMax).default(limits.pageLengthDefault),
  }),
  reply: { status: 200, schema: z.strictObject({ accounts: z.array(Account), next: Handle.nullable() }) },
})

const ofAccount = z.strictObject({ userId: UserId })

export const suspendAccount = endpoint({
  method: 'POST',
  url: '/api/accounts/:userId/suspend',
  summary:
    'Ends the sessions and memberships of somebody, here and at other companies, until they are invited anew.',
  policy: 'admin',
  params: ofAccount,
  reply: { status: 200, schema: Account },
})

export const reactivateAccount = endpoint({
  method: 'POST',
  url: '/api/accounts/:userId/reactivate',
  summary: 'Lets somebody who was suspended sign in again. Memberships do not come back by themselves.',
  policy: 'admin',
  params: ofAccount,
  reply: { status: 200, schema: Account },
})

export const deleteAccount = endpoint({
  method: 'DELETE',
  url: '/api/accounts/:userId',
  summary: 'Like suspending, and for good. What they wrote keeps their name; the handle stays taken.',
  policy: 'admin',
  params: ofAccount,
  reply: { status: 204, schema: z.null() },
})

export const changeRole = endpoint({
  method: 'PUT',
  url: '/api/accounts/:userId/role',
  summary: 'Makes somebody owner, administrator or member. Owners are made and unmade by owners.',
  policy: 'admin',
  params: ofAccount,
  body: z.strictObject({ role: z.enum(['owner', 'admin', 'member']) }),
  reply: { status: 200, schema: Account },
})
