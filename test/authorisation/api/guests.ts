import { type Fixture, type Fixtures, inSpace, tokenOf } from './fixture.ts'

// What was mailed, and free accounts: whoever has the link.

const linkOnly: Fixture = {
  door: 'none',
  ask: (at) => ({ body: { token: tokenOf(at) } }),
  refused: { everybody: 'link-invalid' },
}

export const guests: Fixtures = {
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
}
