import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { NodeId } from '../ids.ts'
import { limits } from '../limits.ts'

const upTo = (max: number) => z.int().min(1).max(max)

/** What one company may have of this node; the numbers of the protocol, or less. */
export const PeerLimits = z.strictObject({
  requestsPerSecond: upTo(limits.requestsPerSecondMax),
  requestsAtOnce: upTo(limits.requestsAtOnceMax),
  /** Events that it submits to what we host. */
  eventsPerSecond: upTo(limits.eventsPerSecondMax),
})
export type PeerLimits = z.output<typeof PeerLimits>

const params = z.strictObject({ node: NodeId })

export const getPeerLimits = endpoint({
  method: 'GET',
  url: '/api/peers/:node/limits',
  summary: 'What a company may have of this node: requests and events.',
  policy: 'admin',
  params,
  reply: { status: 200, schema: PeerLimits },
})

export const putPeerLimits = endpoint({
  method: 'PUT',
  url: '/api/peers/:node/limits',
  summary: 'Gives a company less than everybody may have. What is left out is as for everybody.',
  policy: 'admin',
  params,
  body: PeerLimits.partial(),
  reply: { status: 200, schema: PeerLimits },
})
