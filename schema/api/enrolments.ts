import { z } from 'zod'
import { TypedEmail } from '../email.ts'
import { endpoint } from '../endpoint.ts'

/** A one-time link that makes its holder a member of the workspace. */
export const createEnrolment = endpoint({
  method: 'POST',
  url: '/api/enrolments',
  summary: 'Makes a one-time link for a new member. It is shown here and never again.',
  policy: 'admin',
  /** With an address, the link is mailed there too, and the account has the address. */
  body: z.strictObject({ email: TypedEmail.optional() }).nullish(),
  reply: {
    status: 201,
    schema: z.strictObject({ link: z.url(), token: z.string(), expiresAt: z.int() }),
  },
})
