import type { Place } from '../place.ts'
import type { Fixtures } from './fixture.ts'

// The node itself, and accounts and sessions of the workspace.

const ofAccount = (at: Place) => ({ params: { userId: at.account } })

export const accounts: Fixtures = {
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
}
