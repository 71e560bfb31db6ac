import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { NodeId } from '../ids.ts'
import { limits } from '../limits.ts'
import { PartnerPreview } from '../removal.ts'

/**
 * Where we stand with another company:
 * - `partner`: both administrators have approved
 * - `waiting`: ours has, theirs has not yet
 * - `asking`: theirs has, ours has not yet
 * - `known`: seen, because of a shared space or an introduction that nobody approved
 * - `blocked`: nothing is exchanged, by decision
 * - `paused`: nothing is exchanged for now, by decision; removals still are
 * - `ended`: the partnership was ended by one of the two
 * - `retired`: it has closed for good, as its key history says; what it hosted is an archive
 * - `key-conflict`: nothing is exchanged, because its keys do not continue those we pinned
 */
export const PeerState = z.enum([
  'partner',
  'waiting',
  'asking',
  'known',
  'paused',
  'blocked',
  'ended',
  'retired',
  'key-conflict',
])

/**
 * Does it answer us?
 * - `answers`: the last request had an answer, or there was none yet
 * - `failing`: the last had none
 * - `unreachable`: there has been none for 24 hours
 * - `gone`: for 30 days, and nothing was heard of it either; a candidate for ending the partnership, which nobody but
 *   an administrator does
 */
export const PeerReach = z.enum(['answers', 'failing', 'unreachable', 'gone'])

export const Peer = z.strictObject({
  node: NodeId,
  state: PeerState,
  /** To be compared by telephone before approving: the same twelve groups at both ends. */
  fingerprint: z.string(),
  baseUrl: z.string(),
  /** When its keys were pinned. Times in milliseconds. */
  since: z.int(),
  lastSuccessAt: z.int().nullable(),
  lastFailureAt: z.int().nullable(),
  /** Reason of the last failure, or code of the last refusal. */
  lastFailure: z.string().nullable(),
  /** Its clock minus ours in milliseconds, as this process has heard it last; in a list only. */
  clockDeltaMs: z.int().nullable(),
  reach: PeerReach,
  /** The first request that had no answer since the last one that had. */
  failingSince: z.int().nullable(),
  /** A partner, a welcome company, or us, for whom this name could be taken: a warning, and no more. */
  looksLike: NodeId.nullable(),
  /** When an administrator has opened the archive of what it hosted. */
  archivedAt: z.int().nullable(),
})
export type Peer = z.output<typeof Peer>

export const listPeers = endpoint({
  method: 'GET',
  url: '/api/peers',
  summary: 'The companies that this node knows, in the order of their domains.',
  policy: 'admin',
  querystring: z.strictObject({
    after: NodeId.optional(),
    limit: z.coerce.number().int().min(1).max(limits.pageLengthMax).default(limits.pageLengthDefault),
  }),
  reply: {
    status: 200,
    /** `fingerprint` here is our own, for the other end of the telephone. */
    schema: z.strictObject({
      peers: z.array(Peer),
      fingerprint: z.string(),
      /** Companies of which we have only been told, by hosts that brought them into shared spaces. */
      introduced: z.array(z.strictObject({ node: NodeId, by: NodeId })),
      /** Nodes that are reached on loopback without TLS, for development. In production there are none. */
      developmentPeers: z.array(NodeId),
      next: NodeId.nullable(),
    }),
  },
})

export const introducePeer = endpoint({
  method: 'POST',
  url: '/api/peers',
  summary: 'Finds a company by its domain, approves it, and asks it to approve us.',
  policy: 'admin',
  body: z.strictObject({
    /** As people type it; it is brought into its one form, which the answer shows. */
    node: z.string().min(1).max(253),
  }),
  reply: { status: 200, schema: Peer },
})

export const approvePeer = endpoint({
  method: 'POST',
  url: '/api/peers/:node/approve',
  summary: 'Approves a company that asked. Compare its fingerprint first.',
  policy: 'admin',
  params: z.strictObject({ node: NodeId }),
  reply: { status: 200, schema: Peer },
})

const onePeer = z.strictObject({ node: NodeId })

export const previewPeerAct = endpoint({
  method: 'GET',
  url: '/api/peers/:node/shared',
  summary: 'What is shared with a company: what pausing, blocking or ending would concern.',
  policy: 'admin',
  params: onePeer,
  reply: { status: 200, schema: PartnerPreview },
})

export const pausePeer = endpoint({
  method: 'POST',
  url: '/api/peers/:node/pause',
  summary: 'Exchanges nothing with a company until it is resumed. Removals still go through.',
  policy: 'admin',
  params: onePeer,
  reply: { status: 200, schema: Peer },
})

export const resumePeer = endpoint({
  method: 'POST',
  url: '/api/peers/:node/resume',
  summary: 'Ends a pause. What has waited is sent.',
  policy: 'admin',
  params: onePeer,
  reply: { status: 200, schema: Peer },
})

export const blockPeer = endpoint({
  method: 'POST',
  url: '/api/peers/:node/block',
  summary: 'Refuses a company, and closes what we host for its people. Nothing is deleted.',
  policy: 'admin',
  params: onePeer,
  reply: { status: 200, schema: Peer },
})

export const unblockPeer = endpoint({
  method: 'POST',
  url: '/api/peers/:node/unblock',
  summary: 'Ends a block. Its people reach again what they did before.',
  policy: 'admin',
  params: onePeer,
  reply: { status: 200, schema: Peer },
})

export const endPartnership = endpoint({
  method: 'POST',
  url: '/api/peers/:node/end',
  summary: 'Removes its people from what we host and ours from what it hosts; both delete their copies.',
  policy: 'admin',
  params: onePeer,
  reply: { status: 200, schema: Peer },
})

export const openArchive = endpoint({
  method: 'POST',
  url: '/api/peers/:node/open-archive',
  summary: 'Lets our people read what a company hosted that has closed for good, before a month has passed.',
  policy: 'admin',
  params: onePeer,
  reply: { status: 200, schema: Peer },
})
