import { noHash } from '#federation/chain.ts'
import { defaultPolicy } from '#schema/policy.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import type { Actor, Asked } from './cast.ts'
import type { Place } from './place.ts'

// What each route of the client API is asked for, and what its door needs. Everything else follows from the policy
// that its contract declares: who is not signed in, not a member of the workspace or not an administrator is told
// so, whatever stands here.

/** Who gets past a door. Everybody else is told the same as about ids that nobody has. */
export const doors = {
  /** There is none: the request names nothing that could be somebody else's. */
  none: undefined,
  /** Who takes part in the space. */
  space: ['external', 'guest', 'member', 'admin'],
  /** Whom the invitation is for. */
  invitee: ['external'],
  /** Who knows somebody at acme: their colleagues, and who shares a space with them. */
  acquaintance: ['external', 'guest', 'removed', 'other', 'member', 'admin', 'owner'],
  /** Administrators, as the policy says too. */
  account: ['owner'],
} as const satisfies Record<string, readonly Actor[] | undefined>

export type Fixture = {
  readonly door: keyof typeof doors
  /** The request, with ids of a place. Each id that is taken from it is also tried made up, and out of reach. */
  readonly ask: (at: Place) => Asked
  /** Who gets past the door, and is refused in words of their own. */
  readonly refused?: Partial<Record<Actor | 'everybody', RefusalCode>>
  /** Who must not tell what is out of reach from what is not there; everybody, when absent. */
  readonly alike?: readonly Actor[]
  /** Something changes: whoever succeeds does it in a place of their own. */
  readonly changes?: true
}

const ofAccount = (at: Place) => ({ params: { userId: at.account } })
const inSpace = (at: Place) => ({ spaceId: at.space })

const linkOnly: Fixture = {
  door: 'none',
  ask: (at) => ({ body: { token: tokenOf(at) } }),
  refused: { everybody: 'link-invalid' },
}

const unknownPeer: Fixture = {
  door: 'none',
  ask: () => ({ params: { node: 'nobody.test' } }),
  refused: { everybody: 'not-found' },
}

export const fixtures: Readonly<Record<string, Fixture>> = {
  // The node itself.
  'GET /healthz': { door: 'none', ask: () => ({}) },
  'GET /readyz': { door: 'none', ask: () => ({}) },

  // Accounts and sessions.
  'POST /api/accounts': {
    door: 'none',
    ask: (at) => ({
      body: { token: 'A'.repeat(43), handle: `h${at.nonce}`, name: 'Nobody', password: 'correct horse' },
    }),
    refused: { everybody: 'link-invalid' },
  },
  'GET /api/me': { door: 'none', ask: () => ({}) },
  'GET /api/workspace': { door: 'none', ask: () => ({}) },
  'GET /api/recovery': { door: 'none', ask: () => ({}) },
  'PATCH /api/me': { door: 'none', ask: (at) => ({ body: { title: `T${at.nonce}` } }), changes: true },
  'GET /api/accounts': { door: 'none', ask: () => ({}) },
  'POST /api/accounts/:userId/suspend': { door: 'account', ask: ofAccount, changes: true },
  'POST /api/accounts/:userId/reactivate': { door: 'account', ask: ofAccount, changes: true },
  'PUT /api/accounts/:userId/role': {
    door: 'account',
    ask: (at) => ({ ...ofAccount(at), body: { role: 'admin' } }),
    changes: true,
  },
  'GET /api/accounts/:userId/sessions': { door: 'account', ask: ofAccount },
  'DELETE /api/accounts/:userId/sessions': { door: 'account', ask: ofAccount, changes: true },
  'DELETE /api/accounts/:userId': { door: 'account', ask: ofAccount, changes: true },
  'GET /api/sessions': { door: 'none', ask: () => ({}) },
  'DELETE /api/sessions/:sessionId': {
    door: 'none',
    ask: () => ({ params: { sessionId: 'A'.repeat(22) } }),
    refused: { everybody: 'not-found' },
  },
  'POST /api/sessions': {
    door: 'none',
    ask: (at) => ({ body: { handle: `h${at.nonce}`, password: 'correct horse' } }),
    refused: { everybody: 'wrong-credentials' },
  },
  'POST /api/enrolments': { door: 'none', ask: () => ({}), changes: true },

  'GET /api/people/:userId': {
    door: 'acquaintance',
    ask: (at) => ({ params: { userId: at.user } }),
    // Members of the workspace know each other.
    alike: ['external', 'neighbour', 'formerExternal', 'guest'],
  },

  // Codes and passkeys: who may sign in is not said by who is signed in.
  'POST /api/codes': { door: 'none', ask: (at) => ({ body: { email: `${at.nonce}@nowhere.test` } }) },
  'POST /api/sessions/code': {
    door: 'none',
    ask: (at) => ({ body: { challenge: tokenOf(at), code: '000000' } }),
    refused: { everybody: 'wrong-code' },
  },
  'GET /api/me/email': { door: 'none', ask: () => ({}) },
  'POST /api/me/email': { door: 'none', ask: (at) => ({ body: { email: `${at.nonce}@nowhere.test` } }) },
  'POST /api/me/email/confirm': {
    door: 'none',
    ask: (at) => ({ body: { challenge: tokenOf(at), code: '000000' } }),
    refused: { everybody: 'wrong-code' },
  },
  'GET /api/passkeys': { door: 'none', ask: () => ({}) },
  'POST /api/passkeys/options': { door: 'none', ask: () => ({}) },
  'POST /api/passkeys': {
    door: 'none',
    ask: (at) => ({
      body: {
        name: 'Telephone',
        response: { ...credentialOf(at), response: { clientDataJSON: 'e30', attestationObject: '' } },
      },
    }),
    refused: { everybody: 'passkey-refused' },
  },
  'DELETE /api/passkeys/:passkeyId': {
    door: 'none',
    ask: (at) => ({ params: { passkeyId: at.nonce } }),
    refused: { everybody: 'not-found' },
  },
  'POST /api/sessions/passkey/options': { door: 'none', ask: () => ({}) },
  'POST /api/sessions/passkey': {
    door: 'none',
    ask: (at) => ({
      body: {
        response: {
          ...credentialOf(at),
          response: { clientDataJSON: 'e30', authenticatorData: '', signature: '' },
        },
      },
    }),
    refused: { everybody: 'passkey-refused' },
  },

  // What was mailed: whoever has the link.
  'POST /api/mail-invitations/open': linkOnly,
  'POST /api/mail-invitations/code': linkOnly,
  'POST /api/mail-invitations/accept': linkOnly,
  'POST /api/mail-invitations/decline': linkOnly,
  'POST /api/mail-invitations/hand-over': {
    ...linkOnly,
    ask: (at) => ({ body: { token: tokenOf(at), node: at.node } }),
  },
  'POST /api/spaces/:spaceId/invitations/:inviteId/confirm': {
    door: 'space',
    ask: (at) => ({ params: { ...inSpace(at), inviteId: at.invite } }),
    refused: { external: 'not-host', member: 'not-found', admin: 'not-found' },
  },
  // Whatever the other workspace is, it has heard of no such link; globex asks at itself.
  'POST /api/claims/invitation': {
    door: 'none',
    ask: (at) => ({ body: { node: 'acme.test', token: tokenOf(at) } }),
    refused: { everybody: 'link-invalid' },
  },

  // Free accounts.
  'GET /api/guests': { door: 'none', ask: () => ({}) },
  'POST /api/guests/:userId/disable': {
    door: 'none',
    ask: (at) => ({ params: { userId: at.user } }),
    refused: { everybody: 'not-found' },
  },
  'POST /api/guests/:userId/enable': {
    door: 'none',
    ask: (at) => ({ params: { userId: at.user } }),
    refused: { everybody: 'not-found' },
  },
  'POST /api/guests/:userId/convert': {
    door: 'none',
    ask: (at) => ({ params: { userId: at.user }, body: { handle: `h${at.nonce}` } }),
    refused: { everybody: 'not-found' },
  },

  // A guest's own account; the link leads to another workspace.
  'POST /api/me/move': {
    door: 'none',
    ask: (at) => ({ body: { node: at.node } }),
    refused: {
      external: 'not-found',
      neighbour: 'not-found',
      formerExternal: 'not-found',
      removed: 'not-found',
      other: 'not-found',
      member: 'not-found',
      admin: 'not-found',
      owner: 'not-found',
    },
  },
  'POST /api/claims/guest': {
    door: 'none',
    ask: (at) => ({ body: { node: 'acme.test', token: tokenOf(at) } }),
    refused: { everybody: 'link-invalid' },
  },

  // Contacts, before anybody is brought together with anybody.
  'GET /api/contacts': { door: 'none', ask: () => ({}) },
  'DELETE /api/contacts/:userId': {
    door: 'space',
    // A contact by sharing a space is none that could be taken off a list.
    ask: (at) => ({ params: { userId: at.user } }),
    refused: { everybody: 'not-found' },
  },
  'PUT /api/contacts/:userId': {
    door: 'space',
    ask: (at) => ({ params: { userId: at.user } }),
    // Nobody is a contact of their own.
    refused: { member: 'not-found' },
  },
  'GET /api/me/invitation-settings': { door: 'none', ask: () => ({}) },
  'PUT /api/me/invitation-settings': {
    door: 'none',
    ask: () => ({ body: { from: 'everybody', confirmDirect: false } }),
  },

  // Spaces.
  'GET /api/spaces': { door: 'none', ask: () => ({}) },
  'POST /api/spaces': {
    door: 'space',
    ask: (at) => ({
      body: {
        kind: 'thread',
        title: 'By the matrix',
        groups: [at.group],
        people: [at.handle],
        companies: ['globex.test'],
      },
    }),
    // A thread in a group is hosted where the group is, and only that company enters people; a guest names nobody by handle.
    refused: { external: 'people-elsewhere', guest: 'not-found' },
    changes: true,
  },
  'GET /api/spaces/:spaceId': { door: 'space', ask: (at) => ({ params: inSpace(at) }) },
  'GET /api/spaces/:spaceId/entries': { door: 'space', ask: (at) => ({ params: inSpace(at) }) },
  'POST /api/spaces/:spaceId/messages': {
    door: 'space',
    ask: (at) => ({ params: inSpace(at), body: { text: 'Written by the matrix.' } }),
    changes: true,
  },
  'PUT /api/spaces/:spaceId/read': {
    door: 'space',
    ask: (at) => ({ params: inSpace(at), body: { seq: 1 } }),
    changes: true,
  },
  'POST /api/spaces/:spaceId/members': {
    door: 'space',
    ask: (at) => ({ params: inSpace(at), body: { handle: at.handle } }),
    refused: { external: 'not-host' },
    changes: true,
  },
  'DELETE /api/spaces/:spaceId/members/:userId': {
    door: 'space',
    ask: (at) => ({ params: { ...inSpace(at), userId: at.user } }),
    // Everybody may end their own membership; this one is the member's.
    refused: { external: 'not-host', guest: 'no-right' },
    changes: true,
  },
  'POST /api/spaces/:spaceId/groups': {
    door: 'space',
    ask: (at) => ({ params: inSpace(at), body: { groupId: at.otherGroup } }),
    refused: { external: 'not-host', guest: 'no-right' },
    changes: true,
  },
  'DELETE /api/spaces/:spaceId/groups/:groupId': {
    door: 'space',
    ask: (at) => ({ params: { ...inSpace(at), groupId: at.group } }),
    refused: { external: 'not-host', guest: 'no-right', member: 'no-right' },
    changes: true,
  },

  // Removals, and what is left of them.
  'GET /api/spaces/:spaceId/removals': { door: 'space', ask: (at) => ({ params: inSpace(at) }) },
  'GET /api/removals': { door: 'none', ask: () => ({}) },
  'GET /api/spaces/:spaceId/removal-preview': {
    door: 'space',
    ask: (at) => ({ params: inSpace(at), query: `?userId=${encodeURIComponent(at.user)}` }),
  },
  // Nobody of that company takes part.
  'DELETE /api/spaces/:spaceId/companies/:node': {
    door: 'space',
    ask: (at) => ({ params: { ...inSpace(at), node: 'initech.test' } }),
    refused: { external: 'not-host', member: 'not-found', admin: 'not-found' },
  },
  // Nor need they to see what the branches of its log are, and to decide.
  'GET /api/spaces/:spaceId/branches': {
    door: 'account',
    ask: (at) => ({ params: inSpace(at) }),
    alike: [],
  },
  'GET /api/spaces/:spaceId/branches/:cutAt': {
    door: 'account',
    ask: (at) => ({ params: { ...inSpace(at), cutAt: '0' } }),
    alike: [],
  },
  'POST /api/spaces/:spaceId/epoch': {
    door: 'account',
    ask: (at) => ({ params: inSpace(at), body: { seq: 1, hash: noHash } }),
    refused: { everybody: 'log-moved' },
    alike: [],
  },
  // Nobody follows what they host themselves.
  'PUT /api/spaces/:spaceId/epoch': {
    door: 'account',
    ask: (at) => ({ params: inSpace(at), body: { epoch: 2, hash: noHash } }),
    refused: { everybody: 'not-found' },
    alike: [],
  },
  // The administrators of the workspace that hosts it need not take part.
  'PUT /api/spaces/:spaceId/frozen': {
    door: 'account',
    ask: (at) => ({ params: inSpace(at), body: { frozen: true } }),
    alike: [],
    changes: true,
  },
  // What is hosted here is no matter of leaving.
  'DELETE /api/people/:userId/spaces/:spaceId': {
    door: 'none',
    ask: (at) => ({ params: { userId: at.user, ...inSpace(at) } }),
    refused: { everybody: 'not-found' },
  },
  'GET /api/hosts': { door: 'none', ask: () => ({}) },
  'GET /api/unsent': { door: 'none', ask: () => ({}) },
  'DELETE /api/unsent/:id': {
    door: 'none',
    ask: () => ({ params: { id: '01900000-0000-7000-8000-000000000000' } }),
    refused: { everybody: 'not-found' },
  },
  'GET /api/legal-holds': { door: 'none', ask: () => ({}) },
  'PUT /api/legal-holds/:scope': { door: 'none', ask: () => ({ params: { scope: 'everything' } }) },
  'DELETE /api/legal-holds/:scope': { door: 'none', ask: () => ({ params: { scope: 'everything' } }) },

  // Acts towards a company, about one that nobody knows.
  'GET /api/peers/:node/shared': unknownPeer,
  'POST /api/peers/:node/pause': unknownPeer,
  'POST /api/peers/:node/resume': unknownPeer,
  'POST /api/peers/:node/block': unknownPeer,
  'POST /api/peers/:node/unblock': unknownPeer,
  'POST /api/peers/:node/end': unknownPeer,
  'POST /api/peers/:node/open-archive': unknownPeer,
  'GET /api/peers/:node/key-conflict': unknownPeer,
  'POST /api/peers/:node/repin': {
    ...unknownPeer,
    ask: () => ({ params: { node: 'nobody.test' }, body: { fingerprint: 'made up' } }),
  },

  // Invitations.
  'POST /api/spaces/:spaceId/invitations': {
    door: 'space',
    ask: (at) => ({
      params: inSpace(at),
      body: { to: { address: `@zoe:${at.node}` }, companies: [at.node] },
    }),
    refused: { external: 'no-right' },
    changes: true,
  },
  // Whoever may act on an invitation of another space finds none of that id in this one.
  'POST /api/spaces/:spaceId/invitations/:inviteId/resend': {
    door: 'space',
    ask: (at) => ({ params: { ...inSpace(at), inviteId: at.invite } }),
    refused: { external: 'not-host', everybody: 'not-found' },
  },
  'POST /api/spaces/:spaceId/invitations/:inviteId/revoke': {
    door: 'space',
    ask: (at) => ({ params: { ...inSpace(at), inviteId: at.invite } }),
    refused: { everybody: 'not-found' },
  },
  'GET /api/invitations': { door: 'none', ask: () => ({}) },
  'POST /api/invitations/:inviteId/accept': {
    door: 'invitee',
    ask: (at) => ({ params: { inviteId: at.invite } }),
    changes: true,
  },
  'POST /api/invitations/:inviteId/decline': {
    door: 'invitee',
    ask: (at) => ({ params: { inviteId: at.invite } }),
    changes: true,
  },

  // Other companies.
  // A colleague, or somebody whom one shares a space with; of another company only who takes part.
  'POST /api/dms': {
    door: 'acquaintance',
    ask: (at) => ({ body: { people: [{ user: at.user }], companies: ['acme.test'] } }),
    refused: { member: 'invalid-request' },
    alike: ['external', 'neighbour', 'formerExternal', 'guest'],
  },
  'POST /api/companies/preview': { door: 'space', ask: (at) => ({ body: { space: at.space } }) },
  'GET /api/peers': { door: 'none', ask: () => ({}) },
  'POST /api/peers': { door: 'none', ask: () => ({ body: { node: 'globex.test' } }), changes: true },
  'POST /api/peers/:node/approve': {
    door: 'none',
    ask: () => ({ params: { node: 'globex.test' } }),
    changes: true,
  },
  'GET /api/spaces/:spaceId/policy': {
    door: 'space',
    ask: (at) => ({ params: inSpace(at) }),
    refused: { external: 'not-host' },
  },
  'PUT /api/spaces/:spaceId/policy': {
    door: 'space',
    ask: (at) => ({ params: inSpace(at), body: { inviteExternals: null } }),
    refused: { external: 'not-host', member: 'no-right' },
  },
  'GET /api/peer-rules': { door: 'none', ask: () => ({}) },
  'POST /api/peer-rules/preview': { door: 'none', ask: () => ({ body: { pattern: '*.test' } }) },
  'PUT /api/peer-rules': {
    door: 'none',
    ask: () => ({ body: { pattern: 'umbrella.test', list: 'block' } }),
    changes: true,
  },
  'DELETE /api/peer-rules/:pattern': {
    door: 'none',
    ask: () => ({ params: { pattern: 'umbrella.test' } }),
    changes: true,
  },
  'GET /api/policies': { door: 'none', ask: () => ({}) },
  'PUT /api/policies': { door: 'none', ask: () => ({ body: defaultPolicy }), changes: true },
  'POST /api/policies/dry-run': {
    door: 'none',
    ask: () => ({ body: { draft: { workspace: defaultPolicy } } }),
  },
  'GET /api/peers/:node/policy': { door: 'none', ask: () => ({ params: { node: 'globex.test' } }) },
  'PUT /api/peers/:node/policy': {
    door: 'none',
    ask: () => ({ params: { node: 'globex.test' }, body: {} }),
    changes: true,
  },
  'GET /api/peers/:node/limits': { door: 'none', ask: () => ({ params: { node: 'globex.test' } }) },
  'PUT /api/peers/:node/limits': {
    door: 'none',
    ask: () => ({ params: { node: 'globex.test' }, body: {} }),
    changes: true,
  },
  'GET /api/decisions': { door: 'none', ask: () => ({}) },
  'GET /api/approvals': { door: 'none', ask: () => ({}) },
  // What is open already waits for no administrator.
  'POST /api/approvals/:approvalId/approve': {
    door: 'none',
    ask: (at) => ({ params: { approvalId: at.invite } }),
    refused: { everybody: 'not-found' },
  },
  'POST /api/approvals/:approvalId/refuse': {
    door: 'none',
    ask: (at) => ({ params: { approvalId: at.invite } }),
    refused: { everybody: 'not-found' },
  },
  'GET /api/security-events': { door: 'none', ask: () => ({}) },
  'GET /api/disputed-entries': { door: 'none', ask: () => ({}) },
  'GET /api/exchanges': { door: 'none', ask: () => ({}) },
  // What an administrator may ask about is not bounded by what they take part in.
  'GET /api/why/:id': { door: 'none', ask: (at) => ({ params: { id: at.space } }), alike: [] },

  // Last, because it ends the session that asks.
  'DELETE /api/sessions/current': { door: 'none', ask: () => ({}), changes: true },
}

/** Well formed, and nobody's. */
function tokenOf({ nonce }: Place): string {
  return nonce.padEnd(43, 'A')
}

function credentialOf({ nonce }: Place) {
  return { id: nonce, rawId: nonce, type: 'public-key', clientExtensionResults: {} }
}
