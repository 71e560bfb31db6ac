import type { RequestToSign } from '#federation/request-signature.ts'
import type { KeyPair } from '#federation/keys.ts'
import type { NodeId } from '#schema/ids.ts'
import { setStanding } from '#server/db/peers.ts'
import { discover } from '#server/peers/discovery/discover.ts'
import type { FederationNode } from './federation-node.ts'
import type { RawRequest } from './raw-request.ts'
import { type ScriptedHttp, ScriptedPeer } from './scripted-peer.ts'

/** A scripted node that the node under test has discovered, and with which both administrators agree. */
export async function openPartner(
  node: FederationNode,
  http: ScriptedHttp,
  as: { readonly node: string; readonly seed: number },
): Promise<ScriptedPeer> {
  const peer = new ScriptedPeer(as.node, as.seed, () => node.time.now)
  http.host(peer.node, peer.serve)
  const found = await discover(node.context, peer.node)
  if (!found.ok) throw new Error(`The partner was not discovered: ${found.detail}`)
  const standing = { approved: true, approvedByThem: true, askedAt: node.time.now }
  await node.context.db.transaction().execute(async (tx) => await setStanding(tx, peer.node, standing))
  await node.newExchanges()
  return peer
}

/** A signed request as it goes over a socket. */
export function signedRequest(
  peer: ScriptedPeer,
  request: { readonly to: NodeId; readonly target: string; readonly body?: Uint8Array },
  how: { readonly changes?: Partial<RequestToSign>; readonly signer?: KeyPair } = {},
): RawRequest {
  const { target, body } = request
  const signed = Object.entries(peer.sign(request, how.changes, how.signer))
  const length: [string, string][] = body ? [['content-length', String(body.length)]] : []
  return { target, headers: [['host', request.to], ...signed, ...length], ...(body ? { body } : {}) }
}
