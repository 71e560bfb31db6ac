import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { Entry, PendingEntry } from '../entry.ts'
import { Role, Title } from '../event/shared.ts'
import { HistoryWish } from '../history.ts'
import { EventId, Handle, SpaceId, UserId } from '../ids.ts'
import { limits } from '../limits.ts'
import { Space, SpaceSummary } from '../space.ts'
import { Companies } from './invitations.ts'

const inSpace = z.strictObject({ spaceId: SpaceId })
/** A whole number in a query, as text. */
const Position = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const PageLength = z.coerce.number().int().min(1).max(limits.pageLengthMax).default(limits.pageLengthDefault)

const Message = z.strictObject({
  text: z.string().max(limits.messageCharactersMax),
  fmt: z.enum(['plain', 'md1']).default('md1'),
  mentions: z
    .array(z.union([UserId, z.literal('@all')]))
    .max(limits.mentionsPerMessageMax)
    .default([]),
})

/** What became of a write: in the log at `seq`, or waiting for the node that hosts the space. */
export const Written = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('accepted'), id: EventId, seq: z.int() }),
  z.strictObject({ state: z.literal('queued'), id: EventId }),
])
export type Written = z.output<typeof Written>

export const listSpaces = endpoint({
  method: 'GET',
  url: '/api/spaces',
  summary: 'The spaces that you reach, those with news first.',
  policy: 'user',
  querystring: z.strictObject({ before: Position.optional(), limit: PageLength }),
  reply: { status: 200, schema: z.strictObject({ spaces: z.array(SpaceSummary) }) },
})

export const createSpace = endpoint({
  method: 'POST',
  url: '/api/spaces',
  summary:
    'Begins a group or a thread. People of other companies are invited afterwards. Where another company hosts the groups, it waits for that company; see `beginning`.',
  policy: 'user',
  idempotent: true,
  body: z.strictObject({
    kind: z.enum(['group', 'thread']),
    title: Title,
    /** Handles of people of this workspace; you are in it by yourself. */
    people: z
      .array(Handle)
      .max(limits.usersPerGenesisMax - 1)
      .default([]),
    /** Groups that the thread addresses, all of one host: it is hosted there. */
    groups: z.array(SpaceId).max(limits.groupsPerThreadMax).default([]),
    companies: Companies,
    /** The first message in it. */
    message: Message.optional(),
  }),
  reply: { status: 201, schema: Space },
})

export const getSpace = endpoint({
  method: 'GET',
  url: '/api/spaces/:spaceId',
  summary: 'A space with its members, groups, companies and open invitations.',
  policy: 'user',
  params: inSpace,
  reply: { status: 200, schema: Space },
})

export const listEntries = endpoint({
  method: 'GET',
  url: '/api/spaces/:spaceId/entries',
  summary: 'A page of the log in its order, after a position; with what of yours is not in it yet.',
  policy: 'user',
  params: inSpace,
  querystring: z.strictObject({ after: Position.default(0), limit: PageLength }),
  reply: {
    status: 200,
    schema: z.strictObject({
      entries: z.array(Entry),
      /** The first entry that you may see: what came before is not part of your history. */
      fromSeq: z.int(),
      headSeq: z.int(),
      /** Goes up when entries were cut off: what was read before is to be read anew. */
      cuts: z.int(),
      pending: z.array(PendingEntry),
    }),
  },
})

export const postMessage = endpoint({
  method: 'POST',
  url: '/api/spaces/:spaceId/messages',
  summary: 'Writes a message.',
  policy: 'user',
  idempotent: true,
  params: inSpace,
  body: Message,
  reply: { status: 201, schema: Written },
})

export const addMember = endpoint({
  method: 'POST',
  url: '/api/spaces/:spaceId/members',
  summary: 'Adds somebody of this workspace. People of other companies are invited instead.',
  policy: 'member',
  idempotent: true,
  params: inSpace,
  body: z.strictObject({
    handle: Handle,
    role: Role.default('member'),
    /** Everything, as far as you see it yourself, when absent. */
    history: HistoryWish.optional(),
  }),
  reply: { status: 201, schema: Written },
})

export const removeMember = endpoint({
  method: 'DELETE',
  url: '/api/spaces/:spaceId/members/:userId',
  summary: 'Ends a membership: your own, or as an admin that of somebody else. The history goes with it.',
  policy: 'user',
  params: z.strictObject({ spaceId: SpaceId, userId: UserId }),
  reply: { status: 200, schema: Written },
})

export const addGroup = endpoint({
  method: 'POST',
  url: '/api/spaces/:spaceId/groups',
  summary: 'Addresses a thread to one more group.',
  policy: 'user',
  idempotent: true,
  params: inSpace,
  body: z.strictObject({
    groupId: SpaceId,
    /** Everything, as far as you see it yourself, when absent. */
    history: HistoryWish.optional(),
    companies: Companies,
  }),
  reply: { status: 201, schema: Written },
})

export const removeGroup = endpoint({
  method: 'DELETE',
  url: '/api/spaces/:spaceId/groups/:groupId',
  summary: 'Addresses a thread to a group no longer.',
  policy: 'user',
  params: z.strictObject({ spaceId: SpaceId, groupId: SpaceId }),
  reply: { status: 200, schema: Written },
})

export const markRead = endpoint({
  method: 'PUT',
  url: '/api/spaces/:spaceId/read',
  summary: 'Notes how far you have read. It never goes back, and never beyond the last entry.',
  policy: 'user',
  params: inSpace,
  body: z.strictObject({ seq: z.int().min(0) }),
  reply: { status: 200, schema: z.strictObject({ seq: z.int() }) },
})
