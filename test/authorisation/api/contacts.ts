import type { Fixtures } from './fixture.ts'

// Before anybody is brought together with anybody.

export const contacts: Fixtures = {
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
}
