import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

// An authenticator in software: what a telephone or a security key would answer to the options of a page.

type Options = Record<string, unknown>

type Changes = {
  /** The page that asks, when it is another than the authenticator's. */
  readonly origin?: string
  readonly counter?: number
  /** Without a fingerprint or a PIN. */
  readonly unverified?: true
}

export type Authenticator = {
  create(options: Options, changes?: Changes): object
  get(options: Options, changes?: Changes): object
}

export function openAuthenticator(origin: string): Authenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(16)
  let counter = 0

  function clientData(type: string, options: Options, { origin: from = origin }: Changes): Buffer {
    return Buffer.from(
      JSON.stringify({ type, challenge: options['challenge'], origin: from, crossOrigin: false }),
    )
  }

  return {
    create(options, changes = {}) {
      const { id: domain } = options['rp'] as { id: string }
      const client = clientData('webauthn.create', options, changes)
      const data = authenticatorData(domain, { counter, credential: { id, publicKey }, ...changes })
      const attestation = map([
        ['fmt', text('none')],
        ['attStmt', map([])],
        ['authData', bytes(data)],
      ])
      return {
        ...envelope(id),
        response: {
          clientDataJSON: client.toString('base64url'),
          attestationObject: attestation.toString('base64url'),
          transports: ['internal'],
        },
      }
    },
    get(options, changes = {}) {
      counter = changes.counter ?? counter + 1
      const client = clientData('webauthn.get', options, changes)
      const data = authenticatorData(options['rpId'] as string, { counter, ...changes })
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()])
      return {
        ...envelope(id),
        response: {
          clientDataJSON: client.toString('base64url'),
          authenticatorData: data.toString('base64url'),
          signature: sign('sha256', signed, privateKey).toString('base64url'),
          userHandle: null,
        },
      }
    },
  }
}

function envelope(id: Buffer) {
  const name = id.toString('base64url')
  return { id: name, rawId: name, type: 'public-key', clientExtensionResults: {} }
}

type Data = {
  readonly counter: number
  readonly unverified?: true
  readonly credential?: { readonly id: Buffer; readonly publicKey: KeyObject }
}

/** WebAuthn, 6.1. */
function authenticatorData(domain: string, { counter, unverified, credential }: Data): Buffer {
  const flags = 0x01 | (unverified ? 0 : 0x04) | (credential ? 0x40 : 0)
  const count = Buffer.alloc(4)
  count.writeUInt32BE(counter)
  const head = [createHash('sha256').update(domain).digest(), Buffer.from([flags]), count]
  if (!credential) return Buffer.concat(head)
  const { id, publicKey } = credential
  const { x, y } = publicKey.export({ format: 'jwk' })
  const key = map([
    [1, number(2)],
    [3, number(-7)],
    [-1, number(1)],
    [-2, bytes(Buffer.from(x!, 'base64url'))],
    [-3, bytes(Buffer.from(y!, 'base64url'))],
  ])
  return Buffer.concat([...head, Buffer.alloc(16), Buffer.from([0, id.length]), id, key])
}

// As much of CBOR (RFC 8949) as that takes.

function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value])
  return value < 256
    ? Buffer.from([(major << 5) | 24, value])
    : Buffer.from([(major << 5) | 25, value >> 8, value & 255])
}

function number(value: number): Buffer {
  return value < 0 ? head(1, -1 - value) : head(0, value)
}

function text(value: string): Buffer {
  return Buffer.concat([head(3, value.length), Buffer.from(value)])
}

function bytes(value: Buffer): Buffer {
  return Buffer.concat([head(2, value.length), value])
}

function map(entries: readonly (readonly [string | number, Buffer])[]): Buffer {
  const pairs = entries.flatMap(([name, value]) => [
    typeof name === 'number' ? number(name) : text(name),
    value,
  ])
  return Buffer.concat([head(5, entries.length), ...pairs])
}
