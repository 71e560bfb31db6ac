import type { AuthenticationResponse, RegistrationResponse } from '#schema/api/passkeys.ts'

// WebAuthn, as far as it takes a library: reading what authenticators write. Everything that the standard lets one
// leave out is demanded here: presence, verification of the user, our own origin and name.

/** Where our pages are. A passkey works on no other site, so nobody can be lured into showing it. */
export type Site = { readonly origin: string; readonly domain: string }

export type Credential = {
  readonly id: string
  /** COSE key, base64url. */
  readonly publicKey: string
  /** Goes up with every use, where the authenticator counts at all. */
  readonly counter: number
}

/** The challenge that a response answers, as it claims; undefined when it is none. */
export function challengeIn(clientDataJson: string): string | undefined {
  try {
    const data = JSON.parse(Buffer.from(clientDataJson, 'base64url').toString()) as { challenge?: unknown }
    return typeof data.challenge === 'string' ? data.challenge : undefined
  } catch {
    return undefined
  }
}

/** A new credential that answers the challenge; undefined when it does not. */
export async function readRegistration(
  response: RegistrationResponse,
  challenge: string,
  site: Site,
): Promise<Credential | undefined> {
  const { verifyRegistrationResponse } = await loadWebAuthn()
  try {
    const { registrationInfo } = await verifyRegistrationResponse({
      response: response as never,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.domain,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...algorithms],
    })
    if (!registrationInfo) return undefined
    const { id, publicKey, counter } = registrationInfo.credential
    return { id, publicKey: Buffer.from(publicKey).toString('base64url'), counter }
  } catch {
    // The library throws for whatever it finds wrong. What a stranger sends is never a fault of ours.
    return undefined
  }
}

/** The credential's next counter, when it answers the challenge; undefined when it does not. */
export async function readAuthentication(
  response: AuthenticationResponse,
  challenge: string,
  site: Site,
  known: Credential,
): Promise<number | undefined> {
  const { verifyAuthenticationResponse } = await loadWebAuthn()
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: response as never,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.domain,
      requireUserVerification: true,
      credential: { ...known, publicKey: new Uint8Array(Buffer.from(known.publicKey, 'base64url')) },
    })
    return verified ? authenticationInfo.newCounter : undefined
  } catch {
    return undefined
  }
}

/** Three hundred modules, and a process that nobody shows a passkey to needs none of them. */
const loadWebAuthn = async () => await import('@simplewebauthn/server')

/** Ed25519, ECDSA on P-256, RSA: by their COSE numbers, the first choice first. */
export const algorithms = [-8, -7, -257] as const
