import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { Handle, NodeId, UserId } from '../ids.ts'
import { limits } from '../limits.ts'
import { Person } from '../person.ts'

/** A free account, as administrators see it. */
export const Guest = z.strictObject({
  person: Person,
  email: z.string(),
  status: z.enum(['active', 'suspended', 'deleted']),
  createdAt: z.int(),
  /** To the day. */
  lastUsedAt: z.int(),
  /** When the account ends unless it is used. */
  expiresAt: z.int(),
  storage: z.strictObject({ usedBytes: z.int(), bytesMax: z.int() }),
  /** How many groups, threads and direct conversations they are in. */
  spaces: z.int(),
})
export type Guest = z.output<typeof Guest>

export const listGuests = endpoint({
  method: 'GET',
  url: '/api/guests',
  summary: 'The free accounts of the workspace.',
  policy: 'admin',
  querystring: z.strictObject({
    after: UserId.optional(),
    limit: z.coerce.number().int().min(1).max(limits.pageLengthMax).default(limits.pageLengthDefault),
  }),
  reply: {
    status: 200,
    schema: z.strictObject({ guests: z.array(Guest), next: UserId.nullable() }),
  },
})

const oneGuest = z.strictObject({ userId: UserId })

export const disableGuest = endpoint({
  method: 'POST',
  url: '/api/guests/:userId/disable',
  summary: 'Closes a free account until it is enabled again. Its sessions and streams end at once.',
  policy: 'admin',
  params: oneGuest,
  reply: { status: 200, schema: Guest },
})

export const enableGuest = endpoint({
  method: 'POST',
  url: '/api/guests/:userId/enable',
  summary: 'Opens a disabled free account again.',
  policy: 'admin',
  params: oneGuest,
  reply: { status: 200, schema: Guest },
})

export const convertGuest = endpoint({
  method: 'POST',
  url: '/api/guests/:userId/convert',
  summary: 'Makes a guest a member of the workspace. Their sessions end; they sign in again as before.',
  policy: 'admin',
  params: oneGuest,
  body: z.strictObject({ handle: Handle }),
  reply: { status: 200, schema: z.strictObject({ id: UserId, handle: Handle }) },
})

export const moveGuest = endpoint({
  method: 'POST',
  url: '/api/me/move',
  summary: 'Where a guest goes to take their account over to a workspace of their own. Good for an hour.',
  policy: 'user',
  body: z.strictObject({
    /** As people type it. */
    node: z.string().min(1).max(253),
  }),
  reply: { status: 200, schema: z.strictObject({ node: NodeId, url: z.url(), expiresAt: z.int() }) },
})
