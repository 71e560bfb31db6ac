import type { Place } from '../place.ts'
import { type Fixtures, tokenOf } from './fixture.ts'

// Codes and passkeys: who may sign in is not said by who is signed in.

export const signIn: Fixtures = {
  'POST /api/codes': { door: 'none', ask: (at) => ({ body: { email: `${at.nonce}@nowhere.test` } }) },
  'POST /api/sessions/code': {
    door: 'none',
    ask: (at) => ({ body: { challenge: tokenOf(at), code: '000000' } }),
    refused: { everybody: 'wrong-code' },
  },
  'GET /api/me/email': { door: 'none', ask: () => ({}) },
  'POST /api/me/email': { door: 'none', ask: (at) => ({ body: { email: `${at.nonce}@nowhere.test` } }) },
  'POST /api/me/email/confirm': {
    door: 'none',
    ask: (at) => ({ body: { challenge: tokenOf(at), code: '000000' } }),
    refused: { everybody: 'wrong-code' },
  },
  'GET /api/passkeys': { door: 'none', ask: () => ({}) },
  'POST /api/passkeys/options': { door: 'none', ask: () => ({}) },
  'POST /api/passkeys': {
    door: 'none',
    ask: (at) => ({
      body: {
        name: 'Telephone',
        response: { ...credentialOf(at), response: { clientDataJSON: 'e30', attestationObject: '' } },
      },
    }),
    refused: { everybody: 'passkey-refused' },
  },
  'DELETE /api/passkeys/:passkeyId': {
    door: 'none',
    ask: (at) => ({ params: { passkeyId: at.nonce } }),
    refused: { everybody: 'not-found' },
  },
  'POST /api/sessions/passkey/options': { door: 'none', ask: () => ({}) },
  'POST /api/sessions/passkey': {
    door: 'none',
    ask: (at) => ({
      body: {
        response: {
          ...credentialOf(at),
          response: { clientDataJSON: 'e30', authenticatorData: '', signature: '' },
        },
      },
    }),
    refused: { everybody: 'passkey-refused' },
  },
}

function credentialOf({ nonce }: Place) {
  return { id: nonce, rawId: nonce, type: 'public-key', clientExtensionResults: {} }
}
