import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { Explanation } from '../why.ts'

export const explain = endpoint({
  method: 'GET',
  url: '/api/why/:id',
  summary:
    'Why a message, a space, a company, a person or an exchange is as it is, and what would change that.',
  policy: 'admin',
  params: z.strictObject({
    /** An event id, a space id, a domain, a user id, or the `instance` of a problem. */
    id: z.string().min(1).max(300),
  }),
  reply: {
    status: 200,
    /** Several where one id names several things: an event that is in two logs, or an exchange that both ends recorded. */
    schema: z.strictObject({ explanations: z.array(Explanation).min(1) }),
  },
})
