import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { Handle, UserId } from '../ids.ts'
import { limits } from '../limits.ts'
import { Person } from '../person.ts'

/** Somebody whom one may add by name: a colleague, or a contact of another company. */
export const Contact = z.strictObject({
  person: Person,
  /** Of colleagues only. */
  handle: Handle.nullable(),
  isPinned: z.boolean(),
})
export type Contact = z.output<typeof Contact>

export const listContacts = endpoint({
  method: 'GET',
  url: '/api/contacts',
  summary: 'Colleagues and contacts whose name begins like the query, and nobody else.',
  policy: 'user',
  querystring: z.strictObject({
    query: z.string().max(limits.displayNameBytesMax).default(''),
    limit: z.coerce.number().int().min(1).max(limits.pageLengthMax).default(20),
  }),
  reply: { status: 200, schema: z.strictObject({ contacts: z.array(Contact) }) },
})

const one = z.strictObject({ userId: UserId })

export const pinContact = endpoint({
  method: 'PUT',
  url: '/api/contacts/:userId',
  summary: 'Keeps somebody as a contact whom one shares a space with now.',
  policy: 'user',
  params: one,
  reply: { status: 200, schema: Contact },
})

export const unpinContact = endpoint({
  method: 'DELETE',
  url: '/api/contacts/:userId',
  summary: 'Keeps somebody as a contact no longer.',
  policy: 'user',
  params: one,
  reply: { status: 200, schema: z.strictObject({}) },
})

/** Who may invite me, and whether invitations of contacts into direct conversations are accepted by themselves. */
export const InvitationSettings = z.strictObject({
  from: z.enum(['everybody', 'contacts']),
  confirmDirect: z.boolean(),
})
export type InvitationSettings = z.output<typeof InvitationSettings>

export const getInvitationSettings = endpoint({
  method: 'GET',
  url: '/api/me/invitation-settings',
  summary: 'Who may invite you.',
  policy: 'user',
  reply: { status: 200, schema: InvitationSettings },
})

export const putInvitationSettings = endpoint({
  method: 'PUT',
  url: '/api/me/invitation-settings',
  summary: 'Changes who may invite you.',
  policy: 'user',
  body: InvitationSettings,
  reply: { status: 200, schema: InvitationSettings },
})
