import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { Hash, InviteId, NodeId, SpaceId, UserId } from '../ids.ts'
import { limits } from '../limits.ts'
import {
  GuestClaimAnswer,
  GuestClaimRequest,
  GuestLookup,
  GuestLookupAnswer,
  InviteClaim,
  InviteClaimAnswer,
} from './claim.ts'
import { Seconds } from './event.ts'
import { Evidence, EvidenceAnswer, SignedHead } from './evidence.ts'
import { FenceAnswer, FencedSpacePage, FencePage, FenceRequest, PurgeAnswer, PurgeRequest } from './fence.ts'
import { IdentityPush, IdentityPushAnswer } from './identity.ts'
import { LeaseAnswer, LeaseDocument } from './lease.ts'
import {
  AskAnswer,
  AskRequest,
  InviteAnswer,
  InviteRequest,
  InviteResponseAnswer,
  InviteResponseRequest,
  RevokeAnswer,
  RevokeRequest,
} from './invite.ts'
import { Batch, BatchAnswer, PushedBatch } from './log.ts'
import { HeadLine, inSpace, Position } from './position.ts'
import { Snapshot } from './snapshot.ts'
import { SubmitAnswer, SubmitRequest } from './submit.ts'
import { WellKnown } from './well-known.ts'

// The federation API, whole (§20.1). Who may call what stands here and is enforced in one place, before a body is
// read; which spaces a peer may speak about is decided behind it.

const pageOf = (max: number) => Position.pipe(z.number().min(1).max(max))

const smallBytesMax = 64 * 1024

export const getNode = endpoint({
  method: 'GET',
  url: '/v1/node',
  summary: 'The same document as the well-known one: the host of base_url agrees to speak for the node.',
  policy: 'anyone',
  lane: 'discovery',
  reply: { status: 200, schema: WellKnown },
})

export const listOperations = endpoint({
  method: 'GET',
  url: '/v1/node/ops',
  summary: "The node's key history after a position, oldest first.",
  policy: 'anyone',
  lane: 'discovery',
  querystring: z.object({ after: Position.optional() }),
  reply: {
    status: 200,
    schema: z.object({
      operations: z.array(z.string().max(limits.operationBytesMax)).max(limits.operationsPerPageMax),
    }),
  },
})

export const ping = endpoint({
  method: 'GET',
  url: '/v1/ping',
  summary: 'Time, versions, and whether a signature of yours arrives as you made it.',
  policy: 'stranger',
  lane: 'discovery',
  inRecovery: 'both',
  reply: { status: 200, schema: z.object({ node: NodeId, now: Seconds, versions: z.array(z.string()) }) },
})

export const hello = endpoint({
  method: 'POST',
  url: '/v1/hello',
  summary: 'Says who we are and whether our administrator has approved you. Saying it again changes nothing.',
  policy: 'stranger',
  lane: 'control',
  body: z.object({
    approved: z.boolean(),
    /** Head of the sender's operation log and version of its statement, so that the other side knows when to look. */
    op_hash: Hash,
    ver: z.int().positive(),
    /** What the sender does when a company arrives in a space that the other one hosts. */
    transitive: z.enum(['allow', 'ask', 'deny']).optional(),
  }),
  reply: { status: 200, schema: z.object({ status: z.enum(['active', 'approval-pending']) }) },
  bodyBytesMax: smallBytesMax,
})

export const deliverInvite = endpoint({
  method: 'POST',
  url: '/v1/invites',
  summary: 'Brings an invitation to the node of the invitee, which always answers alike.',
  policy: 'stranger',
  lane: 'control',
  body: InviteRequest,
  reply: { status: 202, schema: InviteAnswer },
  bodyBytesMax: smallBytesMax,
})

export const respondToInvite = endpoint({
  method: 'POST',
  url: '/v1/invites/:jti/response',
  summary: "Brings the invitee's signed answer to the host.",
  policy: 'partner',
  lane: 'control',
  params: z.object({ jti: InviteId }),
  body: InviteResponseRequest,
  reply: { status: 200, schema: InviteResponseAnswer },
  bodyBytesMax: smallBytesMax,
})

export const claimInvite = endpoint({
  method: 'POST',
  url: '/v1/invites/claim',
  summary: 'Redeems a mailed link for a user of the caller, who is then invited by name.',
  policy: 'partner',
  lane: 'control',
  body: InviteClaim,
  reply: { status: 200, schema: InviteClaimAnswer },
  bodyBytesMax: smallBytesMax,
})

export const lookUpGuest = endpoint({
  method: 'POST',
  url: '/v1/guests/lookup',
  summary: 'Which guest account a token for taking it over stands for.',
  policy: 'partner',
  lane: 'control',
  body: GuestLookup,
  reply: { status: 200, schema: GuestLookupAnswer },
  bodyBytesMax: smallBytesMax,
})

export const claimGuest = endpoint({
  method: 'POST',
  url: '/v1/guests/claim',
  summary: 'Takes a guest account over for a user of the caller: both nodes sign, and the memberships move.',
  policy: 'partner',
  lane: 'control',
  body: GuestClaimRequest,
  reply: { status: 200, schema: GuestClaimAnswer },
  bodyBytesMax: smallBytesMax,
})

export const revokeInvite = endpoint({
  method: 'POST',
  url: '/v1/invites/:jti/revoke',
  summary: 'The host takes an invitation back.',
  policy: 'stranger',
  lane: 'control',
  params: z.object({ jti: InviteId }),
  body: RevokeRequest,
  reply: { status: 200, schema: RevokeAnswer },
  bodyBytesMax: smallBytesMax,
})

export const askForInvite = endpoint({
  method: 'POST',
  url: '/v1/spaces/:space/invitations',
  summary: 'Asks the host to invite somebody, for a user of the caller who takes part.',
  policy: 'peer',
  lane: 'control',
  params: inSpace,
  body: AskRequest,
  reply: { status: 202, schema: AskAnswer },
  bodyBytesMax: smallBytesMax,
})

export const submitEvents = endpoint({
  method: 'POST',
  url: '/v1/spaces/:space/submit',
  summary: 'Events of users of the caller, for the log of a space that the other node hosts.',
  policy: 'peer',
  lane: 'submit',
  params: inSpace,
  body: SubmitRequest,
  reply: { status: 200, schema: SubmitAnswer },
  bodyBytesMax: limits.submitBytesMax,
})

export const pushEntries = endpoint({
  method: 'POST',
  url: '/v1/spaces/:space/entries',
  summary: 'The host of a space brings what the other node lacks of its log.',
  policy: 'peer',
  lane: 'log',
  params: inSpace,
  body: PushedBatch,
  reply: { status: 200, schema: BatchAnswer },
  bodyBytesMax: limits.pushBytesMax,
})

export const pullEntries = endpoint({
  method: 'GET',
  url: '/v1/spaces/:space/entries',
  summary: 'A page of the log of a space, for a node that takes part in it.',
  policy: 'peer',
  lane: 'log',
  inRecovery: 'asked',
  params: inSpace,
  querystring: z.object({
    after: Position,
    /** The newest page below this seq, for a follower that goes back from what it has. */
    before: Position.optional(),
    limit: pageOf(limits.pullEntriesMax).optional(),
  }),
  reply: { status: 200, schema: Batch },
})

export const getSnapshot = endpoint({
  method: 'GET',
  url: '/v1/spaces/:space/snapshot',
  summary: 'What the log says up to where the history of the caller begins, in parts.',
  policy: 'peer',
  lane: 'log',
  inRecovery: 'asked',
  params: inSpace,
  querystring: z.object({
    part: Position,
    /** The seq of the checkpoint in part 0, so that all parts are of one state. */
    at: Position.optional(),
  }),
  reply: { status: 200, schema: Snapshot },
})

export const listThreads = endpoint({
  method: 'GET',
  url: '/v1/spaces/:space/threads',
  summary: 'The threads that the caller reaches through a group, by their ids after one of them.',
  policy: 'peer',
  lane: 'log',
  inRecovery: 'asked',
  params: inSpace,
  querystring: z.object({ after: SpaceId.optional() }),
  reply: { status: 200, schema: z.object({ threads: z.array(HeadLine).max(limits.threadsPerPageMax) }) },
})

export const compareHeads = endpoint({
  method: 'POST',
  url: '/v1/heads',
  summary: 'The heads that the caller holds; answered with those that differ here, and those not known here.',
  policy: 'peer',
  lane: 'log',
  body: z.object({
    spaces: z.array(HeadLine).max(limits.jsonArrayLengthMax),
    /** Checkpoints of their hosts over these heads, to another follower: they show that the caller has a part in it. */
    proofs: z.array(z.string().max(limits.smallDocumentBytesMax)).max(limits.probesMax).optional(),
  }),
  reply: {
    status: 200,
    schema: z.object({
      differ: z.array(HeadLine).max(limits.jsonArrayLengthMax),
      unknown: z.array(SpaceId).max(limits.jsonArrayLengthMax),
    }),
  },
  bodyBytesMax: 512 * 1024,
})

export const getHead = endpoint({
  method: 'GET',
  url: '/v1/spaces/:space/head',
  summary:
    'The newest checkpoint held of a space, with the receipts of others, for a node that takes part in it.',
  policy: 'peer',
  lane: 'log',
  params: inSpace,
  reply: { status: 200, schema: SignedHead },
})

export const bringEvidence = endpoint({
  method: 'POST',
  url: '/v1/spaces/:space/evidence',
  summary: 'Two checkpoints of the host of a space that cannot both be true.',
  policy: 'peer',
  lane: 'control',
  params: inSpace,
  body: Evidence,
  reply: { status: 200, schema: EvidenceAnswer },
  bodyBytesMax: limits.evidenceBytesMax,
})

export const sendFence = endpoint({
  method: 'POST',
  url: '/v1/fences',
  summary: 'A numbered order of a host to end access.',
  policy: 'peer',
  lane: 'control',
  inRecovery: 'answered',
  evenWhenPaused: true,
  evenWhenBlocked: true,
  body: FenceRequest,
  reply: { status: 200, schema: FenceAnswer },
  bodyBytesMax: smallBytesMax,
})

export const listFences = endpoint({
  method: 'GET',
  url: '/v1/fences',
  summary: 'The fences that were issued to the caller after a number, or by it.',
  policy: 'peer',
  lane: 'control',
  inRecovery: 'both',
  evenWhenPaused: true,
  querystring: z.object({
    after: Position,
    /** Those that the caller itself has issued to the node that it asks, as it signed them. */
    issued: z.literal('1').optional(),
  }),
  reply: { status: 200, schema: FencePage },
})

export const listFencedSpaces = endpoint({
  method: 'GET',
  url: '/v1/fences/:n/spaces',
  summary:
    'The spaces that a fence with the action purge names, in the order of their ids, after one of them.',
  policy: 'peer',
  lane: 'control',
  inRecovery: 'asked',
  evenWhenPaused: true,
  params: z.object({ n: Position }),
  querystring: z.object({ after: SpaceId.optional() }),
  reply: { status: 200, schema: FencedSpacePage },
})

export const confirmPurge = endpoint({
  method: 'POST',
  url: '/v1/purges',
  summary: 'The signed word that what a fence named has been deleted.',
  policy: 'peer',
  lane: 'control',
  inRecovery: 'asked',
  evenWhenPaused: true,
  body: PurgeRequest,
  reply: { status: 200, schema: PurgeAnswer },
  bodyBytesMax: smallBytesMax,
})

export const pushLease = endpoint({
  method: 'POST',
  url: '/v1/lease',
  summary: 'The host of spaces says for how long the other node may serve them.',
  policy: 'peer',
  lane: 'control',
  body: LeaseDocument,
  reply: { status: 200, schema: LeaseAnswer },
  bodyBytesMax: smallBytesMax,
})

export const pullLease = endpoint({
  method: 'GET',
  url: '/v1/lease',
  summary: 'A new lease, for a node that takes part in spaces of the host.',
  policy: 'peer',
  lane: 'control',
  inRecovery: 'asked',
  reply: { status: 200, schema: LeaseDocument },
})

export const goodbye = endpoint({
  method: 'POST',
  url: '/v1/goodbye',
  summary: 'The partnership has ended. Removals and their receipts still go through.',
  policy: 'peer',
  lane: 'control',
  evenWhenPaused: true,
  body: z.object({ id: z.uuid() }),
  reply: { status: 200, schema: z.object({ status: z.literal('ended') }) },
  bodyBytesMax: smallBytesMax,
})

export const pushIdentities = endpoint({
  method: 'POST',
  url: '/v1/identities',
  summary:
    'New documents about people of spaces in common; one that says suspended or deleted ends their access.',
  policy: 'peer',
  lane: 'control',
  body: IdentityPush,
  reply: { status: 200, schema: IdentityPushAnswer },
  bodyBytesMax: 1024 * 1024,
})

export const getIdentity = endpoint({
  method: 'GET',
  url: '/v1/identities/:sub',
  summary: 'The current document of somebody, for a node that shares a space or an invitation with them.',
  policy: 'peer',
  lane: 'control',
  params: z.object({ sub: UserId }),
  reply: { status: 200, schema: z.object({ identity: z.string().max(limits.identityBytesMax) }) },
})
