import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** Another floor node, and how to reach and believe it. */
export type Peer = { readonly node: string; readonly origin: string; readonly publicKey: string }

/** What `stations.ts` starts a floor with, as JSON in the environment variable FLOOR. Keys are PEM. */
export type FloorSettings = {
  readonly node: string
  readonly port: number
  readonly databaseUrl: string
  readonly privateKey: string
  readonly peers: readonly Peer[]
}

export function readSettings(): FloorSettings {
  return JSON.parse(process.env['FLOOR'] ?? '{}') as FloorSettings
}

export type Signer = {
  /** Headers that vouch for a body: one signature over the whole batch. */
  headersOf(body: Buffer): Record<string, string>
  /** The peer that signed this body. Throws when none did. */
  check(headers: IncomingHttpHeaders, body: Buffer): string
}

export function openSigner({ node, privateKey, peers }: FloorSettings): Signer {
  const ours = createPrivateKey(privateKey)
  const theirs = new Map(peers.map((peer) => [peer.node, createPublicKey(peer.publicKey)]))
  return {
    headersOf: (body) => ({
      'content-type': 'application/octet-stream',
      'x-node': node,
      'x-signature': sign(null, body, ours).toString('base64url'),
    }),
    check(headers, body) {
      const peer = String(headers['x-node'])
      const key = theirs.get(peer)
      const signature = Buffer.from(String(headers['x-signature']), 'base64url')
      if (!key || !verify(null, body, key, signature)) throw new Error('The signature is wrong.')
      return peer
    },
  }
}
