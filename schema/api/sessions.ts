import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { Handle } from '../ids.ts'
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
