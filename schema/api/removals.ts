import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { EventId, NodeId, SpaceId, UserId } from '../ids.ts'
import { limits } from '../limits.ts'
import { Host, Removal, RemovalPreview, RemovalRecord, Unsent } from '../removal.ts'
import { Written } from './spaces.ts'

const inSpace = z.strictObject({ spaceId: SpaceId })
const PageLength = z.coerce.number().int().min(1).max(limits.pageLengthMax).default(limits.pageLengthDefault)

export const previewRemoval = endpoint({
  method: 'GET',
  url: '/api/spaces/:spaceId/removal-preview',
  summary: 'What would be lost and kept if a person, a company or a group were removed: give one of them.',
  policy: 'member',
  params: inSpace,
  querystring: z.strictObject({
    userId: UserId.optional(),
    node: NodeId.optional(),
    groupId: SpaceId.optional(),
  }),
  reply: { status: 200, schema: RemovalPreview },
})

export const removeCompany = endpoint({
  method: 'DELETE',
  url: '/api/spaces/:spaceId/companies/:node',
  summary: 'Ends the memberships of everybody of another company. It is asked to delete its copy.',
  policy: 'member',
  params: z.strictObject({ spaceId: SpaceId, node: NodeId }),
  reply: { status: 200, schema: z.strictObject({ removed: z.array(UserId) }) },
})

export const listRemovals = endpoint({
  method: 'GET',
  url: '/api/spaces/:spaceId/removals',
  summary: 'Who of other companies was removed lately, and how far that has come. Newest first.',
  policy: 'user',
  params: inSpace,
  reply: { status: 200, schema: z.strictObject({ removals: z.array(Removal) }) },
})

export const freezeSpace = endpoint({
  method: 'PUT',
  url: '/api/spaces/:spaceId/frozen',
  summary: 'Makes a space that is hosted here read-only for everybody, or lifts that. For administrators.',
  policy: 'admin',
  params: inSpace,
  body: z.strictObject({ frozen: z.boolean() }),
  reply: { status: 200, schema: z.strictObject({ frozen: z.boolean() }) },
})

export const endMembership = endpoint({
  method: 'DELETE',
  url: '/api/people/:userId/spaces/:spaceId',
  summary: "Ends a colleague's membership in a space that another company hosts. For administrators.",
  policy: 'admin',
  params: z.strictObject({ userId: UserId, spaceId: SpaceId }),
  reply: { status: 200, schema: Written },
})

export const listHosts = endpoint({
  method: 'GET',
  url: '/api/hosts',
  summary: 'The other companies that host spaces of yours, and whether those may be read now.',
  policy: 'user',
  reply: { status: 200, schema: z.strictObject({ hosts: z.array(Host) }) },
})

export const listUnsent = endpoint({
  method: 'GET',
  url: '/api/unsent',
  summary: 'What you wrote that never got into a space, newest first; also for spaces that you lost.',
  policy: 'user',
  querystring: z.strictObject({ limit: PageLength }),
  reply: { status: 200, schema: z.strictObject({ unsent: z.array(Unsent) }) },
})

export const discardUnsent = endpoint({
  method: 'DELETE',
  url: '/api/unsent/:id',
  summary: 'Deletes something that you wrote and that never got into a space.',
  policy: 'user',
  params: z.strictObject({ id: EventId }),
  reply: { status: 200, schema: z.strictObject({ id: EventId }) },
})

export const listRemovalRecords = endpoint({
  method: 'GET',
  url: '/api/removals',
  summary: 'Every removal across companies with the signed orders and receipts, oldest first.',
  policy: 'admin',
  querystring: z.strictObject({
    /** `next` of the page before. */
    after: z
      .string()
      .regex(/^[0-9]{1,16}\.[a-z0-9.-]{1,253}\.[0-9]{1,16}$/)
      .optional(),
    limit: PageLength,
  }),
  reply: {
    status: 200,
    schema: z.strictObject({ removals: z.array(RemovalRecord), next: z.string().nullable() }),
  },
})

/** What is kept although its owner has asked for its deletion; nobody reads it meanwhile. */
const Hold = z.strictObject({ space: SpaceId.nullable(), placedAt: z.int(), placedBy: UserId })

export const listHolds = endpoint({
  method: 'GET',
  url: '/api/legal-holds',
  summary: 'What is under legal hold here: spaces, or everything.',
  policy: 'admin',
  reply: { status: 200, schema: z.strictObject({ holds: z.array(Hold) }) },
})

const heldScope = z.strictObject({ scope: z.union([SpaceId, z.literal('everything')]) })

export const placeHold = endpoint({
  method: 'PUT',
  url: '/api/legal-holds/:scope',
  summary:
    'Places a space, or everything, under legal hold: copies are closed, but not deleted, when asked for.',
  policy: 'admin',
  params: heldScope,
  reply: { status: 200, schema: Hold },
})

export const liftHold = endpoint({
  method: 'DELETE',
  url: '/api/legal-holds/:scope',
  summary: 'Lifts a legal hold. What should have been deleted meanwhile is deleted now.',
  policy: 'admin',
  params: heldScope,
  reply: { status: 200, schema: z.strictObject({ lifted: z.boolean() }) },
})
