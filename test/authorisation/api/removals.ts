import { noHash } from '#federation/chain.ts'
import { type Fixtures, inSpace } from './fixture.ts'

// Removals, and what is left of them.

export const removals: Fixtures = {
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
}
