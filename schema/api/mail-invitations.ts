import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { HistoryWindow, Role, SpaceKind } from '../event/shared.ts'
import { InviteId, NodeId, SpaceId } from '../ids.ts'
import { limits } from '../limits.ts'
import { DisplayName } from '../wire/identity.ts'
import { Me, SessionToken, Token } from './accounts.ts'
import { Challenge, Code } from './codes.ts'

// Invitations to e-mail addresses. The link in the mail is PUBLIC_URL/#invitation=TOKEN: what stands behind the
// number sign reaches no server, so opening it consumes nothing. Whoever has the token sees the invitation by POST,
// and takes it up with a free account here, or with a workspace of their own.

const byToken = z.strictObject({ token: Token })

/** What somebody sees before they take an invitation up. */
export const OpenedInvitation = z.strictObject({
  /** The workspace that hosts the space. */
  host: NodeId,
  organisation: z.string().nullable(),
  inviter: z.strictObject({ name: z.string(), node: NodeId }),
  kind: SpaceKind,
  title: z.string().nullable(),
  role: Role,
  history: HistoryWindow,
  /** The companies that take part. */
  roster: z.array(NodeId),
  /** The address that it was sent to; nobody else may take it up. */
  email: z.string(),
  expiresAt: z.int(),
  /** May it be taken up with a free account? The workspace may have none. */
  guests: z.boolean(),
  /** Has the address to be proved by a code before a free account is made? Not when the link was handed over by hand. */
  needsCode: z.boolean(),
})
export type OpenedInvitation = z.output<typeof OpenedInvitation>

export const openMailInvitation = endpoint({
  method: 'POST',
  url: '/api/mail-invitations/open',
  summary: 'Shows the invitation behind a mailed link. It is not used up by that.',
  policy: 'public',
  attemptsPerMinuteMax: limits.signInsPerMinuteMax,
  body: byToken,
  reply: { status: 200, schema: OpenedInvitation },
})

export const sendInvitationCode = endpoint({
  method: 'POST',
  url: '/api/mail-invitations/code',
  summary: 'Mails a code to the address of the invitation.',
  policy: 'public',
  attemptsPerMinuteMax: limits.codesPerMinuteMax,
  body: byToken,
  reply: { status: 202, schema: Challenge },
})

export const acceptMailInvitation = endpoint({
  method: 'POST',
  url: '/api/mail-invitations/accept',
  summary:
    'Takes the invitation up with a free account, which is made when the address has none. Uses the link up.',
  policy: 'public',
  attemptsPerMinuteMax: limits.signInsPerMinuteMax,
  body: z.strictObject({
    token: Token,
    /** For a new account. */
    name: DisplayName.optional(),
    /** Proof that the mailbox is theirs. */
    proof: z.strictObject({ challenge: Token, code: Code }).optional(),
  }),
  reply: { status: 201, schema: z.strictObject({ user: Me, session: SessionToken, space: SpaceId }) },
})

export const declineMailInvitation = endpoint({
  method: 'POST',
  url: '/api/mail-invitations/decline',
  summary: 'Declines. Uses the link up.',
  policy: 'public',
  body: byToken,
  reply: { status: 200, schema: z.strictObject({ status: z.literal('declined') }) },
})

export const handOverMailInvitation = endpoint({
  method: 'POST',
  url: '/api/mail-invitations/hand-over',
  summary: "Where to go on with one's own workspace: its page, which claims the invitation there.",
  policy: 'public',
  attemptsPerMinuteMax: limits.signInsPerMinuteMax,
  body: z.strictObject({
    token: Token,
    /** As people type it. */
    node: z.string().min(1).max(253),
    /** Proof that the mailbox is theirs; only needed when their workspace does not speak for its domain. */
    proof: z.strictObject({ challenge: Token, code: Code }).optional(),
  }),
  reply: { status: 200, schema: z.strictObject({ node: NodeId, url: z.url() }) },
})

export const confirmClaim = endpoint({
  method: 'POST',
  url: '/api/spaces/:spaceId/invitations/:inviteId/confirm',
  summary: 'Says that whoever claims an invitation to an e-mail address is meant: they are invited by name.',
  policy: 'member',
  params: z.strictObject({ spaceId: SpaceId, inviteId: InviteId }),
  reply: { status: 200, schema: z.strictObject({ status: z.literal('open') }) },
})
