import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { NodeId } from '../ids.ts'

/** What a page has to know of the workspace that somebody is signed in to. */
export const Workspace = z.strictObject({
  node: NodeId,
  organisation: z.string().nullable(),
  /** The external badge also beside names inside conversations and group names in the inbox. */
  badgesEverywhere: z.boolean(),
  /** May people without a workspace of their own be invited? */
  guests: z.boolean(),
  /** It was put back from a backup, and what is shared with others is shut until they have said what came after it. */
  recovering: z.boolean(),
})
export type Workspace = z.output<typeof Workspace>

export const getWorkspace = endpoint({
  method: 'GET',
  url: '/api/workspace',
  summary: 'The workspace that you are signed in to, with the policies that a page follows.',
  policy: 'user',
  reply: { status: 200, schema: Workspace },
})
