import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { UserId } from '../ids.ts'
import { Profile } from '../person.ts'

export const getPerson = endpoint({
  method: 'GET',
  url: '/api/people/:userId',
  summary: 'The card of a colleague, of somebody you share a space with, or of who invites you.',
  policy: 'user',
  params: z.strictObject({ userId: UserId }),
  reply: { status: 200, schema: Profile },
})
