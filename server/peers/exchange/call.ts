import { readBaseUrl } from '#federation/domain.ts'
import { signRequest } from '#federation/request-signature.ts'
import { formatTarget, readTarget } from '#federation/target.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { BodyOf, Lane, ReplyOf, WireEndpoint } from '#schema/wire/endpoint.ts'
import type { Context } from '#server/context.ts'
import type { PeerRow } from '#server/db/peers.ts'
import { token } from '#server/ports/random.ts'
import { ensurePeer } from '../discovery/discover.ts'
import { reloadOwnDocuments } from '../discovery/self.ts'
import { foreignVersions, spokenVersion } from '../discovery/spoken.ts'
import { exchangeWith, failed, type PeerAnswer } from './outgoing.ts'
import { readAnswer } from './read-answer.ts'
import { beginCall, endCall, isResting, type Way } from './reach.ts'
import { inTurn } from './slots.ts'

export type { PeerAnswer } from './outgoing.ts'

// Signed requests of ours to other nodes. Every call is a new signature with a new nonce (S14).

export type Call<C extends WireEndpoint> = {
  readonly contract: C
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number>>
  readonly body?: BodyOf<C>
  /** When it is not the lane of the contract. */
  readonly lane?: Lane
  readonly space?: SpaceId
  /** How often this has been tried, from 1. */
  readonly attempt?: number
  /** What is wrong with the answer beyond its shape, in a word for the federation log. */
  readonly check?: (value: ReplyOf<C>) => Promise<string | undefined>
}

/**
 * Calls a peer, and discovers it first when we only know of it by a shared space. Leaves one exchange row per request,
 * and none where nothing is sent: to a peer that does not answer, or asks to be left alone (G5, G6).
 */
export async function callPeer<C extends WireEndpoint>(
  context: Context,
  node: NodeId,
  call: Call<C>,
): Promise<PeerAnswer<ReplyOf<C>>> {
  const { contract } = call
  const way = { node, lane: call.lane ?? contract.lane, isOrder: contract.evenWhenPaused ?? false }
  const resting = isResting(context, way)
  if (resting) return resting
  const found = await ensurePeer(context, node)
  if (!found.ok) return failed(found.reason, found.detail, found.code)
  const { peer } = found
  // Nothing goes in either direction while an administrator has to decide (§3.3).
  const held = holdOn(context, peer, contract)
  if (held !== undefined) return failed('policy-hold', held)
  const foreign = foreignVersions(context, peer)
  if (foreign) return failed('version', foreign.join(' ').slice(0, limits.problemDetailCharactersMax))
  const { kid } = context.keys.signer
  const answer = await sendInTurn(context, peer, way, call)
  if (!isAboutKey(answer) || !(await hasNewKey(context, kid))) return answer
  // What we signed with has been taken away meanwhile, by this process or another: once more, with what has come (K16).
  return await sendInTurn(context, peer, way, { ...call, attempt: (call.attempt ?? 1) + 1 })
}

async function sendInTurn<C extends WireEndpoint>(
  context: Context,
  peer: PeerRow,
  way: Way,
  call: Call<C>,
): Promise<PeerAnswer<ReplyOf<C>>> {
  const answered = inTurn(context, way, async () => await send(context, peer, way, call))
  return (await answered) ?? failed('rate-limited', 'own-queue')
}

async function send<C extends WireEndpoint>(
  context: Context,
  peer: PeerRow,
  way: Way,
  call: Call<C>,
): Promise<PeerAnswer<ReplyOf<C>>> {
  const refused = beginCall(context, way)
  if (refused) return refused
  const { contract, space, attempt } = call
  const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body))
  const { request, kid } = signed(context, peer, call, body)
  let status: number | undefined
  const about = { ...way, route: contract.url, space, kid, attempt }
  const answer = await exchangeWith(context, about, request, async (response) => {
    status = response.status
    return await judge(call, readAnswer(contract, response, context.clock.now()))
  })
  endCall(context, way, { status, answer })
  return answer
}

async function judge<C extends WireEndpoint>(
  { check }: Call<C>,
  answer: PeerAnswer<ReplyOf<C>>,
): Promise<PeerAnswer<ReplyOf<C>>> {
  const fault = answer.ok && check ? await check(answer.value) : undefined
  return fault === undefined ? answer : failed('bad-answer', fault)
}

function isAboutKey(answer: PeerAnswer<unknown>): boolean {
  return !answer.ok && 'refused' in answer && answer.refused.code === 'key-retired'
}

/** Does our key history say by now that we sign with another? */
async function hasNewKey(context: Context, kid: string): Promise<boolean> {
  await reloadOwnDocuments(context)
  return context.keys.signer.kid !== kid
}

const mayAsk: ReadonlySet<WireEndpoint['inRecovery']> = new Set(['asked', 'both'])

/** Why nothing is sent to a peer now; what takes access away is sent all the same. */
function holdOn({ mode }: Context, peer: PeerRow, contract: WireEndpoint): string | undefined {
  if (mode.recovering && !mayAsk.has(contract.inRecovery)) return 'recovery-mode' // B2
  if (peer.conflict) return 'key-conflict'
  if (peer.retiredAt !== null) return 'peer-retired'
  if (peer.blocked && !contract.evenWhenBlocked) return 'blocked'
  return peer.paused && !contract.evenWhenPaused ? 'paused' : undefined
}

function signed<C extends WireEndpoint>(
  context: Context,
  peer: PeerRow,
  call: Call<C>,
  body: Uint8Array | undefined,
) {
  const base = readBaseUrl(peer.baseUrl)
  const target = base.ok ? readTarget(base.value.path + targetOf(call)) : base
  // What is pinned was checked, and our own ids fit the grammar.
  if (!base.ok || !target.ok) throw new Error('A request of ours has no valid target.')
  const { signer } = context.keys
  const headers = signRequest(
    {
      ...target.value,
      method: call.contract.method,
      authority: base.value.authority,
      origin: context.node,
      destination: peer.node,
      ...(body ? { body } : {}),
      nonce: token(context.random, 16),
      nowSeconds: Math.floor(context.clock.now() / 1000),
    },
    signer,
  )
  const request = {
    origin: `https://${base.value.authority}`,
    method: call.contract.method,
    target: formatTarget(target.value),
    headers: { ...headers, 'parley-version': spokenVersion },
    ...(body ? { body } : {}),
    answerBytesMax: limits.answerBytesMax,
  }
  return { request, kid: signer.kid }
}

function targetOf<C extends WireEndpoint>({ contract, params = {}, query = {} }: Call<C>): string {
  const path = contract.url.replace(/:([a-z]+)/g, (_, name: string) => params[name] ?? '')
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${value}`)
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`
}
