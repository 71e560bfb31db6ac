import { type Fixtures, inSpace } from './fixture.ts'

// Spaces and what is in them.

export const spaces: Fixtures = {
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
}
