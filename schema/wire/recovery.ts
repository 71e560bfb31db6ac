import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { SpaceId } from '../ids.ts'
import { limits } from '../limits.ts'
import { listOperations } from './endpoints.ts'
import { Batch } from './log.ts'
import { HeadLine, inSpace, Position } from './position.ts'

// What nodes ask one another after one was put back from a backup (SPEC B3 to B5).

export const probeNode = endpoint({
  method: 'GET',
  url: '/v1/node/probe',
  summary:
    'Whether this is the database that a value was written into: how a node knows itself from a copy of it.',
  policy: 'anyone',
  lane: 'discovery',
  querystring: z.object({ of: z.string().regex(/^[A-Za-z0-9_-]{43}$/) }),
  reply: { status: 200, schema: z.object({ known: z.boolean() }) },
})

export const listOwnOperations = endpoint({
  method: 'GET',
  url: '/v1/recovery/operations',
  summary: "The caller's own key history after a position, as it is pinned here.",
  policy: 'peer',
  lane: 'control',
  inRecovery: 'both',
  evenWhenPaused: true,
  querystring: z.object({ after: Position }),
  reply: listOperations.reply,
})

export const listCopies = endpoint({
  method: 'GET',
  url: '/v1/recovery/copies',
  summary:
    'The logs of the caller that are held here, each with the newest checkpoint of the caller, by their ids.',
  policy: 'peer',
  lane: 'control',
  inRecovery: 'both',
  evenWhenPaused: true,
  querystring: z.object({ after: SpaceId.optional() }),
  reply: {
    status: 200,
    schema: z.object({
      copies: z
        .array(z.object({ space: SpaceId, checkpoint: z.string().max(limits.smallDocumentBytesMax) }))
        .max(limits.copiesPerPageMax),
    }),
  },
})

export const pullCopy = endpoint({
  method: 'GET',
  url: '/v1/recovery/copies/:space/entries',
  summary: 'A page of a log of the caller, as it is held here, with the newest checkpoint of the caller.',
  policy: 'peer',
  lane: 'control',
  inRecovery: 'both',
  evenWhenPaused: true,
  params: inSpace,
  querystring: z.object({ after: Position }),
  reply: { status: 200, schema: Batch },
})

export const listHosted = endpoint({
  method: 'GET',
  url: '/v1/recovery/hosted',
  summary: 'The spaces that are hosted here and that users of the caller reach, by their ids.',
  policy: 'peer',
  lane: 'control',
  inRecovery: 'asked',
  querystring: z.object({ after: SpaceId.optional() }),
  reply: {
    status: 200,
    schema: z.object({
      spaces: z.array(HeadLine).max(limits.copiesPerPageMax),
      /** Where the next page begins; null on the last one. */
      after: SpaceId.nullable(),
    }),
  },
})
