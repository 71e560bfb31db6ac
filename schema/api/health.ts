import { z } from 'zod'
import { endpoint } from '../endpoint.ts'

export const getHealth = endpoint({
  method: 'GET',
  url: '/healthz',
  summary: 'The process lives.',
  policy: 'public',
  reply: { status: 200, schema: z.strictObject({ status: z.literal('alive'), version: z.string() }) },
})

export const getReadiness = endpoint({
  method: 'GET',
  url: '/readyz',
  summary:
    'The node can serve: its database answers, and it is not about to stop. `recovery`: after a restore, shared spaces are shut.',
  policy: 'public',
  reply: { status: 200, schema: z.strictObject({ status: z.enum(['ready', 'recovery']) }) },
})
