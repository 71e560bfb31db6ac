import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { NodeId } from '../ids.ts'

/** A node id, or `*.` and a domain for everything below it. Nothing else: no part of a label, no upper case. */
export const PeerPattern = z.string().regex(/^(?:\*\.)?(?=[a-z0-9-])[a-z0-9.-]{1,253}$/)
export type PeerPattern = z.output<typeof PeerPattern>

export const PeerRule = z.strictObject({
  pattern: PeerPattern,
  list: z.enum(['allow', 'block']),
  since: z.int(),
})
export type PeerRule = z.output<typeof PeerRule>

const rules = z.strictObject({ rules: z.array(PeerRule) })
/** As people type it. */
const Typed = z.string().min(1).max(256)

export const listPeerRules = endpoint({
  method: 'GET',
  url: '/api/peer-rules',
  summary: 'The companies named as welcome or unwelcome before they have ever asked.',
  policy: 'admin',
  reply: { status: 200, schema: rules },
})

export const previewPeerRule = endpoint({
  method: 'POST',
  url: '/api/peer-rules/preview',
  summary: 'What an entry means: its one form, which known companies it matches, and what looks like it.',
  policy: 'admin',
  body: z.strictObject({ pattern: Typed }),
  reply: {
    status: 200,
    schema: z.strictObject({
      pattern: PeerPattern,
      matches: z.array(NodeId),
      /** Known companies that it does not match, and whose name could be taken for one that it does. */
      lookalikes: z.array(NodeId),
    }),
  },
})

export const putPeerRule = endpoint({
  method: 'PUT',
  url: '/api/peer-rules',
  summary: 'Names a company as welcome or unwelcome.',
  policy: 'admin',
  body: z.strictObject({ pattern: Typed, list: z.enum(['allow', 'block']) }),
  reply: { status: 200, schema: rules },
})

export const deletePeerRule = endpoint({
  method: 'DELETE',
  url: '/api/peer-rules/:pattern',
  summary: 'Takes an entry off the list.',
  policy: 'admin',
  params: z.strictObject({ pattern: PeerPattern }),
  reply: { status: 200, schema: rules },
})
