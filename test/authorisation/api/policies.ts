import { defaultPolicy } from '#schema/policy.ts'
import { type Fixtures, inSpace } from './fixture.ts'

// What the workspace allows, and what was decided by it.

export const policies: Fixtures = {
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
  'GET /api/policies': { door: 'none', ask: () => ({}) },
  'PUT /api/policies': { door: 'none', ask: () => ({ body: defaultPolicy }), changes: true },
  'POST /api/policies/dry-run': {
    door: 'none',
    ask: () => ({ body: { draft: { workspace: defaultPolicy } } }),
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
}
