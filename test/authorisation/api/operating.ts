import type { Fixtures } from './fixture.ts'

// What administrators look at.

export const operating: Fixtures = {
  'GET /api/security-events': { door: 'none', ask: () => ({}) },
  'GET /api/disputed-entries': { door: 'none', ask: () => ({}) },
  'GET /api/exchanges': { door: 'none', ask: () => ({}) },
  // What an administrator may ask about is not bounded by what they take part in.
  'GET /api/why/:id': { door: 'none', ask: (at) => ({ params: { id: at.space } }), alike: [] },
}
