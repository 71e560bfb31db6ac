import { type Fixtures, inSpace } from './fixture.ts'

// Invitations to spaces.

export const invitations: Fixtures = {
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
}
