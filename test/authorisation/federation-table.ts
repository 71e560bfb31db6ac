import type { RefusalCode } from '#schema/refusal.ts'
import type { Caller, WireAsked } from './nodes.ts'

// What each route of the federation API is asked for, and what is said behind its gate. Who gets past the gate
// follows from the policy of its contract.

type Said = RefusalCode | 'ok'

export type WireFixture = {
  /** The request about a space; a route that names none is asked without. */
  readonly ask: (space: string) => WireAsked
  /** What those who get past the gate are told about a space of theirs. */
  readonly insider: Said
  /** What everybody else who gets past it is told, whatever they ask about. */
  readonly others: Said
  /** Whose answer is another one. */
  readonly except?: Partial<Record<Caller, Said>>
  /** The request is about a space. */
  readonly aboutSpace?: true
}

const hash = 'A'.repeat(43)
const jws = 'e30.e30.AAAA'
// It cannot be read, but for its id: so it is refused behind the door.
const event = { header: '{"id":"01900000-0000-7000-8000-000000000000"}', salt: 'A'.repeat(22), content: '{}' }

export const wireFixtures: Readonly<Record<string, WireFixture>> = {
  'GET /v1/node': { ask: () => ({ target: '/v1/node' }), insider: 'ok', others: 'ok' },
  'GET /v1/node/ops': { ask: () => ({ target: '/v1/node/ops?after=0' }), insider: 'ok', others: 'ok' },
  'GET /v1/ping': { ask: () => ({ target: '/v1/ping' }), insider: 'ok', others: 'ok' },
  'POST /v1/hello': {
    ask: () => ({ target: '/v1/hello', body: { approved: true, op_hash: hash, ver: 1 } }),
    insider: 'ok',
    others: 'ok',
  },
  // Signed documents that are none: whose they are is asked behind the gate.
  'POST /v1/identities': {
    ask: () => ({ target: '/v1/identities', body: { identities: [jws] } }),
    insider: 'signature-profile',
    others: 'signature-profile',
  },
  // Of somebody whom nobody knows. Who is told of whom: test/network/identity-documents.test.ts.
  'GET /v1/identities/:sub': {
    ask: () => ({ target: `/v1/identities/u_${'a'.repeat(26)}@acme.test` }),
    insider: 'not-visible',
    others: 'not-visible',
  },
  'POST /v1/invites': {
    ask: () => ({ target: '/v1/invites', body: { invite: jws } }),
    insider: 'signature-profile',
    others: 'signature-profile',
  },
  'POST /v1/invites/claim': {
    ask: () => ({ target: '/v1/invites/claim', body: { token: hash, identity: jws } }),
    insider: 'signature-profile',
    others: 'signature-profile',
  },
  'POST /v1/guests/lookup': {
    ask: () => ({ target: '/v1/guests/lookup', body: { token: hash } }),
    insider: 'link-invalid',
    others: 'link-invalid',
  },
  'POST /v1/guests/claim': {
    ask: () => ({ target: '/v1/guests/claim', body: { token: hash, claim: jws, identity: jws } }),
    insider: 'signature-profile',
    others: 'signature-profile',
  },
  'POST /v1/invites/:jti/response': {
    ask: () => ({ target: `/v1/invites/${'A'.repeat(22)}/response`, body: { response: jws } }),
    insider: 'signature-profile',
    others: 'signature-profile',
  },
  'POST /v1/invites/:jti/revoke': {
    ask: () => ({ target: `/v1/invites/${'A'.repeat(22)}/revoke`, body: { revocation: jws } }),
    insider: 'signature-profile',
    others: 'signature-profile',
  },
  // In the name of somebody whom nobody knows.
  'POST /v1/spaces/:space/invitations': {
    ask: (space) => ({
      target: `/v1/spaces/${space}/invitations`,
      body: {
        id: '01900000-0000-7000-8000-000000000000',
        inviter: `u_${'a'.repeat(26)}@globex.test`,
        identity: jws,
        invitee: { handle: 'zoe', node: 'initech.test' },
        role: 'poster',
      },
    }),
    insider: 'not-participating',
    others: 'not-participating',
    aboutSpace: true,
  },
  'POST /v1/spaces/:space/submit': {
    ask: (space) => ({ target: `/v1/spaces/${space}/submit`, body: { events: [event], proof: jws } }),
    insider: 'ok',
    others: 'not-participating',
    aboutSpace: true,
  },
  'POST /v1/spaces/:space/entries': {
    ask: (space) => ({
      target: `/v1/spaces/${space}/entries`,
      body: { entries: [], checkpoint: jws, proofs: [] },
    }),
    insider: 'signature-profile',
    others: 'signature-profile',
    aboutSpace: true,
  },
  'GET /v1/spaces/:space/entries': {
    ask: (space) => ({ target: `/v1/spaces/${space}/entries?after=0` }),
    insider: 'ok',
    others: 'not-visible',
    aboutSpace: true,
  },
  'GET /v1/spaces/:space/snapshot': {
    ask: (space) => ({ target: `/v1/spaces/${space}/snapshot?part=0&at=1` }),
    insider: 'ok',
    others: 'not-visible',
    aboutSpace: true,
  },
  // What is shared there is a thread, which has none.
  'GET /v1/spaces/:space/threads': {
    ask: (space) => ({ target: `/v1/spaces/${space}/threads` }),
    insider: 'not-visible',
    others: 'not-visible',
    aboutSpace: true,
  },
  'POST /v1/heads': {
    ask: (space) => ({ target: '/v1/heads', body: { spaces: [[space, 1, 1, hash]] } }),
    insider: 'ok',
    others: 'ok',
    aboutSpace: true,
  },
  'GET /v1/spaces/:space/head': {
    ask: (space) => ({ target: `/v1/spaces/${space}/head` }),
    insider: 'ok',
    others: 'not-visible',
    aboutSpace: true,
  },
  'POST /v1/spaces/:space/evidence': {
    ask: (space) => ({ target: `/v1/spaces/${space}/evidence`, body: { a: jws, b: jws } }),
    insider: 'signature-profile',
    others: 'not-visible',
    aboutSpace: true,
  },
  'POST /v1/fences': {
    ask: () => ({ target: '/v1/fences', body: { fence: jws } }),
    insider: 'signature-profile',
    others: 'signature-profile',
  },
  'GET /v1/fences': { ask: () => ({ target: '/v1/fences?after=0' }), insider: 'ok', others: 'ok' },
  // Whoever says it well has ended the partnership.
  'POST /v1/goodbye': {
    ask: () => ({ target: '/v1/goodbye', body: { id: 'bye' } }),
    insider: 'schema',
    others: 'schema',
  },
  // By a number that nobody was given.
  'GET /v1/fences/:n/spaces': {
    ask: () => ({ target: '/v1/fences/999/spaces' }),
    insider: 'fence-unknown',
    others: 'fence-unknown',
  },
  'POST /v1/purges': {
    ask: () => ({ target: '/v1/purges', body: { receipt: jws } }),
    insider: 'signature-profile',
    others: 'signature-profile',
  },
  'POST /v1/lease': {
    ask: () => ({ target: '/v1/lease', body: { lease: jws } }),
    insider: 'signature-profile',
    others: 'signature-profile',
  },
  'GET /v1/lease': { ask: () => ({ target: '/v1/lease' }), insider: 'ok', others: 'not-visible' },
  'GET /v1/node/probe': {
    ask: () => ({ target: `/v1/node/probe?of=${hash}` }),
    insider: 'ok',
    others: 'ok',
  },
  'GET /v1/recovery/operations': {
    ask: () => ({ target: '/v1/recovery/operations?after=0' }),
    insider: 'ok',
    others: 'ok',
  },
  'GET /v1/recovery/copies': { ask: () => ({ target: '/v1/recovery/copies' }), insider: 'ok', others: 'ok' },
  // Only of what the caller hosts itself.
  'GET /v1/recovery/copies/:space/entries': {
    ask: (space) => ({ target: `/v1/recovery/copies/${space}/entries?after=0` }),
    insider: 'not-visible',
    others: 'not-visible',
    aboutSpace: true,
  },
  'GET /v1/recovery/hosted': { ask: () => ({ target: '/v1/recovery/hosted' }), insider: 'ok', others: 'ok' },
}
