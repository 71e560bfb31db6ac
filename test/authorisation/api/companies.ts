import type { Fixture, Fixtures } from './fixture.ts'

// Other companies, and acts towards one that nobody knows.

const unknownPeer: Fixture = {
  door: 'none',
  ask: () => ({ params: { node: 'nobody.test' } }),
  refused: { everybody: 'not-found' },
}

export const companies: Fixtures = {
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
}
