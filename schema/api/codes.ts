import { z } from 'zod'
import { TypedEmail } from '../email.ts'
import { endpoint } from '../endpoint.ts'
import { limits } from '../limits.ts'
import { Me, SessionToken, Token } from './accounts.ts'

// Signing in by a code that is mailed: the way of guests, and of everybody whose account has an address.

/** What the window that asked for a code keeps, and shows with it. */
export const Challenge = z.strictObject({ challenge: Token, expiresAt: z.int() })
export type Challenge = z.output<typeof Challenge>

export const Code = z.string().regex(/^[0-9]{6}$/)

export const requestCode = endpoint({
  method: 'POST',
  url: '/api/codes',
  summary: 'Mails a code to an address that has an account. The answer is the same when none has.',
  policy: 'public',
  attemptsPerMinuteMax: limits.codesPerMinuteMax,
  body: z.strictObject({ email: TypedEmail }),
  reply: { status: 202, schema: Challenge },
})

export const createCodeSession = endpoint({
  method: 'POST',
  url: '/api/sessions/code',
  summary: 'Signs in with a code.',
  policy: 'public',
  attemptsPerMinuteMax: limits.signInsPerMinuteMax,
  body: z.strictObject({ challenge: Token, code: Code }),
  reply: { status: 201, schema: SessionToken.extend({ user: Me }) },
})

export const getEmail = endpoint({
  method: 'GET',
  url: '/api/me/email',
  summary: 'The e-mail address of your account, which nobody else is shown.',
  policy: 'user',
  reply: { status: 200, schema: z.strictObject({ email: z.string().nullable() }) },
})

export const requestEmailCode = endpoint({
  method: 'POST',
  url: '/api/me/email',
  summary: 'Mails a code to an address that you want for your account.',
  policy: 'user',
  body: z.strictObject({ email: TypedEmail }),
  reply: { status: 202, schema: Challenge },
})

export const confirmEmail = endpoint({
  method: 'POST',
  url: '/api/me/email/confirm',
  summary: 'Makes the address yours: codes sign you in, and invitations to it reach you.',
  policy: 'user',
  attemptsPerMinuteMax: limits.signInsPerMinuteMax,
  body: z.strictObject({ challenge: Token, code: Code }),
  reply: { status: 200, schema: z.strictObject({ email: z.string() }) },
})
