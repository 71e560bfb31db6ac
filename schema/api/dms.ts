import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { Handle } from '../ids.ts'
import { Invitee } from '../invitation.ts'
import { limits } from '../limits.ts'
import { Space } from '../space.ts'
import { Companies } from './invitations.ts'

export const beginDm = endpoint({
  method: 'POST',
  url: '/api/dms',
  summary: 'Begins a direct conversation, or finds the one that these persons have already.',
  policy: 'user',
  idempotent: true,
  body: z.strictObject({
    /** Everybody but you: colleagues by handle, everybody else as in an invitation. */
    people: z
      .array(z.union([z.strictObject({ handle: Handle }), Invitee]))
      .min(1)
      .max(limits.placesPerDmMax - 1),
    companies: Companies,
  }),
  reply: { status: 201, schema: Space },
})
