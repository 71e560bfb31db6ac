import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { limits } from '../limits.ts'
import { Me, SessionToken } from './accounts.ts'

// Passkeys (WebAuthn). Options and responses are in the JSON forms of the standard, which browsers read and write by
// `parseCreationOptionsFromJSON`, `parseRequestOptionsFromJSON` and `toJSON`.

const Base64Url = z
  .string()
  .max(16 * 1024)
  .regex(/^[A-Za-z0-9_-]*$/)
const CredentialId = z
  .string()
  .min(1)
  .max(1400)
  .regex(/^[A-Za-z0-9_-]+$/)

/** For `navigator.credentials`; the client gives it on and reads nothing of it. */
const Options = z.record(z.string(), z.unknown())

const credential = {
  id: CredentialId,
  rawId: CredentialId,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).nullish(),
  clientExtensionResults: z.record(z.string(), z.unknown()),
}

export const RegistrationResponse = z.strictObject({
  ...credential,
  response: z.strictObject({
    clientDataJSON: Base64Url,
    attestationObject: Base64Url,
    transports: z.array(z.string().max(32)).max(8).optional(),
    authenticatorData: Base64Url.optional(),
    publicKey: Base64Url.nullish(),
    publicKeyAlgorithm: z.int().optional(),
  }),
})
export type RegistrationResponse = z.output<typeof RegistrationResponse>

export const AuthenticationResponse = z.strictObject({
  ...credential,
  response: z.strictObject({
    clientDataJSON: Base64Url,
    authenticatorData: Base64Url,
    signature: Base64Url,
    userHandle: Base64Url.nullish(),
  }),
})
export type AuthenticationResponse = z.output<typeof AuthenticationResponse>

export const Passkey = z.strictObject({
  id: CredentialId,
  /** What its owner calls it. */
  name: z.string(),
  createdAt: z.int(),
  lastUsedAt: z.int().nullable(),
})
export type Passkey = z.output<typeof Passkey>

const PasskeyName = z
  .string()
  .min(1)
  .max(limits.passkeyNameCharactersMax)
  .regex(/^[^\p{Cc}]*$/u)

export const beginPasskey = endpoint({
  method: 'POST',
  url: '/api/passkeys/options',
  summary: 'Options for `navigator.credentials.create`, good for five minutes and one passkey.',
  policy: 'user',
  reply: { status: 200, schema: Options },
})

export const addPasskey = endpoint({
  method: 'POST',
  url: '/api/passkeys',
  summary: 'Adds a passkey to your account.',
  policy: 'user',
  body: z.strictObject({ name: PasskeyName, response: RegistrationResponse }),
  reply: { status: 201, schema: Passkey },
})

export const listPasskeys = endpoint({
  method: 'GET',
  url: '/api/passkeys',
  summary: 'Your passkeys.',
  policy: 'user',
  reply: { status: 200, schema: z.strictObject({ passkeys: z.array(Passkey) }) },
})

export const removePasskey = endpoint({
  method: 'DELETE',
  url: '/api/passkeys/:passkeyId',
  summary: 'Removes a passkey of yours: it opens nothing any more.',
  policy: 'user',
  params: z.strictObject({ passkeyId: CredentialId }),
  reply: { status: 204, schema: z.null() },
})

export const beginPasskeySession = endpoint({
  method: 'POST',
  url: '/api/sessions/passkey/options',
  summary: 'Options for `navigator.credentials.get`. They name nobody: the passkey says whose it is.',
  policy: 'public',
  attemptsPerMinuteMax: limits.passkeyOptionsPerMinuteMax,
  reply: { status: 200, schema: Options },
})

export const createPasskeySession = endpoint({
  method: 'POST',
  url: '/api/sessions/passkey',
  summary: 'Signs in with a passkey.',
  policy: 'public',
  attemptsPerMinuteMax: limits.signInsPerMinuteMax,
  body: z.strictObject({ response: AuthenticationResponse }),
  reply: { status: 201, schema: SessionToken.extend({ user: Me }) },
})
