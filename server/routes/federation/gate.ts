import type { FastifyReply, FastifyRequest } from 'fastify'
import type { NodeKey } from '#federation/keys.ts'
import type { Outcome } from '#federation/outcome.ts'
import { readSignature, type RequestSignature, verifySignature } from '#federation/request-signature.ts'
import { readTarget, type Target } from '#federation/target.ts'
import { protocolVersions, speaks } from '#federation/version.ts'
import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { WireEndpoint } from '#schema/wire/endpoint.ts'
import type { Context } from '#server/context.ts'
import { findListed } from '#server/db/peer-rules.ts'
import { findPeer, isParticipant, isPartner, type PeerRow } from '#server/db/peers.ts'
import { discover, keyOfPeer } from '#server/peers/discovery/discover.ts'
import { takeNonce } from '#server/peers/exchange/nonces.ts'
import { takePlace } from '#server/peers/exchange/budgets.ts'
import { noteClock } from '#server/peers/exchange/clocks.ts'
import { hearPeer } from '#server/peers/exchange/reach.ts'
import {
  acceptSource,
  askForDocument,
  askSource,
  awaySeconds,
  mayLook,
} from '#server/peers/exchange/sources.ts'
import { Refusal } from '#server/refusal.ts'
import { type Exchange, exchangeOf } from './exchange.ts'

// Who is speaking. Every request of the federation API passes here before a byte of its body is read, and nothing
// is let in that does not pass every step. The order is that of S12: cheap checks first, and nothing is believed,
// fetched or computed for a name before its owner could have been the one who spoke it.

const mayAnswer: ReadonlySet<WireEndpoint['inRecovery']> = new Set(['answered', 'both'])

/** A verified caller. */
export type Peer = {
  readonly node: NodeId
  readonly trust: 'partner' | 'participant' | 'stranger'
  readonly row: PeerRow
}

export type Admitted = { readonly target: Target } & (
  | { readonly signature: RequestSignature; readonly peer: Peer }
  | { readonly signature: undefined; readonly peer: undefined }
)

export type Gate = { readonly contract: WireEndpoint; readonly authority: NodeId }

/** Admits a request by its head, or throws the refusal. */
export async function admit(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  { contract, authority }: Gate,
): Promise<Admitted> {
  const exchange = exchangeOf(context, request)
  // The raw target: frameworks take absolute forms and decode %2e%2e%2f, and what is signed must be what is routed.
  const target = take(readTarget(request.raw.url ?? ''))
  checkLength(request, contract)
  if (contract.policy === 'anyone') {
    refuseBody(request)
    expectNoWait(askForDocument(context, request.ip))
    return { target, signature: undefined, peer: undefined }
  }
  const signature = take(readSignature(request.raw.rawHeaders, request.method, target))
  note(context, exchange, signature)
  checkVersion(request)
  // Before anything is looked up: a request that was captured elsewhere is worth nothing here.
  if (signature.destination !== context.node) throw new Refusal('wrong-destination')
  // And whoever has sent enough that came to nothing is not looked at: no row is read, no signature computed.
  const source = { address: request.ip, origin: signature.origin }
  if (!contract.evenWhenPaused) expectNoWait(awaySeconds(context, source), 'requests')
  expectNoWait(askSource(context, source))
  const peer = await callerOf(context, signature.origin, contract)
  const key = take(await keyOfPeer(context, peer.row, signature.keyid))
  const nowSeconds = Math.floor(context.clock.now() / 1000)
  const verified = verifySignature(signature, { authority, destination: context.node, nowSeconds, key })
  if (exchange.clockDeltaMs !== null && (verified.ok || isTheirs(signature, { authority, key }))) {
    noteClock(context, peer.node, exchange.clockDeltaMs)
  }
  if (!verified.ok && verified.code === 'clock-skew') {
    throw new Refusal('clock-skew', { detail: verified.detail ?? 'clock', now: nowSeconds })
  }
  take(verified)
  exchange.isProven = true
  // A stranger stays on the account of its address.
  if (peer.trust !== 'stranger') acceptSource(context, source)
  await queue(reply, takePlace(context, { peer: peer.row, source }, contract))
  if (signature.method !== 'GET' && !(await takeNonce(context, signature.keyid, signature.nonce))) {
    throw new Refusal('replay')
  }
  if (context.mode.recovering && !mayAnswer.has(contract.inRecovery)) throw new Refusal('recovery-mode') // B2
  // Whoever was left alone because it did not answer has just shown that it is back.
  hearPeer(context, peer.node)
  return { target, signature, peer }
}

/** Whether a request that comes at the wrong time was made by whom it says: by its own time it holds. */
function isTheirs(
  signature: RequestSignature,
  { authority, key }: { readonly authority: NodeId; readonly key: NodeKey },
): boolean {
  const { destination, created: nowSeconds } = signature
  return verifySignature(signature, { authority, destination, nowSeconds, key }).ok
}

/** The value of an outcome, or its refusal thrown. */
export function take<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value
  throw new Refusal(outcome.code, outcome.detail === undefined ? {} : { detail: outcome.detail })
}

/** Knows the caller's node, as far as it may be known before its signature is verified. */
async function callerOf(context: Context, node: NodeId, contract: WireEndpoint): Promise<Peer> {
  const { policy } = contract
  // A request in our own name can only be somebody else's.
  if (node === context.node) throw new Refusal('stranger')
  const known = await findPeer(context.db, node)
  // Whom our administrators do not want is not even looked for. A partner is ended by an act of its own.
  if (!known?.approved && (await findListed(context.db, node)) === 'block')
    throw new Refusal('partner-blocked')
  const row = known ?? (await firstContact(context, node, policy))
  if (row.conflict) throw new Refusal('key-conflict')
  if (row.retiredAt !== null) throw new Refusal('peer-retired')
  if (row.blocked) throw new Refusal('partner-blocked')
  if (row.paused && !contract.evenWhenPaused) throw new Refusal('partner-paused')
  if (isPartner(row)) return { node, trust: 'partner', row }
  if (policy === 'stranger') return { node, trust: 'stranger', row }
  if (policy === 'peer' && (await isParticipant(context.db, node))) return { node, trust: 'participant', row }
  throw new Refusal(row.approved || row.askedAt !== null ? 'approval-pending' : 'stranger')
}

/** Only where strangers may speak is a name that we do not know worth a look at its owner. */
async function firstContact(
  context: Context,
  node: NodeId,
  policy: WireEndpoint['policy'],
): Promise<PeerRow> {
  if (policy !== 'stranger') throw new Refusal('stranger')
  if (!mayLook(context)) throw new Refusal('rate', { detail: 'first-contacts' })
  const found = await discover(context, node)
  if (found.ok) return found.peer
  if (found.code === 'rate') throw new Refusal('rate', { retryAfter: 60 })
  throw new Refusal('key-unknown', { detail: `discovery ${found.reason}` })
}

function expectNoWait(seconds: number, detail = 'source'): void {
  if (seconds > 0) throw new Refusal('rate', { detail, retryAfter: seconds })
}

/** Waits for a place, and gives it back when the answer has gone or nobody waits for it any more. */
async function queue({ raw }: FastifyReply, place: Promise<() => void>): Promise<void> {
  const over = Promise.withResolvers<void>()
  for (const end of ['finish', 'close']) raw.once(end, over.resolve)
  const leave = await place
  void over.promise.then(leave)
}

/** There is nothing to fall back to: whoever means another version is not understood. */
function checkVersion({ headers }: FastifyRequest): void {
  const version = headers['parley-version']
  if (version === undefined || (typeof version === 'string' && speaks(version))) return
  throw new Refusal('version', { supported: [...protocolVersions] })
}

function checkLength(request: FastifyRequest, contract: WireEndpoint): void {
  const limit = contract.bodyBytesMax ?? limits.apiBodyBytesMax
  if (Number(request.headers['content-length'] ?? 0) > limit) throw new Refusal('too-large', { limit })
}

function refuseBody({ headers }: FastifyRequest): void {
  const length = headers['content-length']
  if (headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')) {
    throw new Refusal('bad-header', { detail: 'body' })
  }
}

function note(context: Context, exchange: Exchange, { origin, keyid, created }: RequestSignature): void {
  exchange.peer = origin
  exchange.kid = keyid
  exchange.clockDeltaMs = created * 1000 - Math.floor(context.clock.now() / 1000) * 1000
}
