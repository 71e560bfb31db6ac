import type { Me } from '#schema/api/accounts.ts'
import type {
  addPasskey,
  AuthenticationResponse,
  beginPasskey,
  beginPasskeySession,
  createPasskeySession,
  RegistrationResponse,
} from '#schema/api/passkeys.ts'
import type { z } from 'zod'
import { call } from '../model/api.ts'

// Passkeys: the browser asks its owner, and we carry what it says to the node and back.

export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential
}

export async function signInByPasskey(): Promise<Me> {
  const options = await call<typeof beginPasskeySession>({
    method: 'POST',
    url: '/api/sessions/passkey/options',
  })
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as never)
  const credential = await ask(async () => await navigator.credentials.get({ publicKey }))
  const response = credential.toJSON() as unknown as z.input<typeof AuthenticationResponse>
  const { user } = await call<typeof createPasskeySession>({
    method: 'POST',
    url: '/api/sessions/passkey',
    body: { response },
  })
  return user
}

export async function makePasskey(name: string): Promise<void> {
  const options = await call<typeof beginPasskey>({ method: 'POST', url: '/api/passkeys/options' })
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as never)
  const credential = await ask(async () => await navigator.credentials.create({ publicKey }))
  const response = credential.toJSON() as unknown as z.input<typeof RegistrationResponse>
  await call<typeof addPasskey>({ method: 'POST', url: '/api/passkeys', body: { name, response } })
}

/** Browsers say the same for "no" and for "no such passkey", so that pages learn nothing. */
async function ask(start: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  const credential = await start().catch(() => null)
  if (credential instanceof PublicKeyCredential) return credential
  throw new Error('No passkey was given. Try again, or sign in otherwise.')
}
