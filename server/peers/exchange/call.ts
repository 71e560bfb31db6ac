import { readBaseUrl } from '#federation/domain.ts'
import { parleyJson, signRequest } from '#federation/request-signature.ts'
import { readStrictJson } from '#federation/strict-json.ts'
import { formatTarget, readTarget } from '#federation/target.ts'
import type { HttpAnswer } from '#federation/transport/http.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { BodyOf, Lane, ReplyOf, WireEndpoint } from '#schema/wire/endpoint.ts'
import { Problem } from '#schema/wire/problem.ts'
import type { Context } from '#server/context.ts'
import type { PeerRow } from '#server/db/peers.ts'
import { token } from '#server/ports/random.ts'
import { ensurePeer } from '../discovery/discover.ts'
import { reloadOwnDocuments } from '../discovery/self.ts'
import { exchangeWith, failed, headerOf, type PeerAnswer } from './outgoing.ts'

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
}

/** Calls a peer, and discovers it first when we only know of it by a shared space. Leaves one exchange row per request. */
export async function callPeer<C extends WireEndpoint>(
  context: Context,
  node: NodeId,
  call: Call<C>,
): Promise<PeerAnswer<ReplyOf<C>>> {
  const found = await ensurePeer(context, node)
  if (!found.ok) return failed(found.reason, found.detail, found.code)
  const { peer } = found
  // Nothing goes in either direction while an administrator has to decide (§3.3).
  const { contract } = call
  const held = holdOn(context, peer, contract)
  if (held !== undefined) return failed('policy-hold', held)
  const { kid } = context.keys.signer
  const answer = await send(context, peer, call)
  if (!isAboutKey(answer) || !(await hasNewKey(context, kid))) return answer
  // What we signed with has been taken away meanwhile, by this process or another: once more, with what has come (K16).
  return await send(context, peer, { ...call, attempt: (call.attempt ?? 1) + 1 })
}

async function send<C extends WireEndpoint>(
  context: Context,
  peer: PeerRow,
  call: Call<C>,
): Promise<PeerAnswer<ReplyOf<C>>> {
  const { contract } = call
  const body = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body))
  const { request, kid } = signed(context, peer, call, body)
  const about = {
    node: peer.node,
    route: contract.url,
    lane: call.lane ?? contract.lane,
    space: call.space,
    kid,
    attempt: call.attempt,
  }
  return await exchangeWith(context, about, request, (answer) => readAnswer(contract, answer))
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
    headers,
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

// Replies are not signed: what they say is believed as far as TLS goes, and what matters in them is a signed
// document of its own (S13). Only the exact content types count, or an uploaded file could pass for an answer.
function readAnswer<C extends WireEndpoint>(contract: C, answer: HttpAnswer): PeerAnswer<ReplyOf<C>> {
  const { status, body } = answer
  const type = headerOf(answer, 'content-type')
  if (status >= 400 && type === 'application/problem+json') return readProblem(answer)
  if (status >= 500) return failed('http-status', `status-${status}`)
  if (status !== contract.reply.status) return failed('bad-answer', `status-${status}`)
  if (type !== parleyJson) return failed('bad-answer', 'content-type')
  const json = readStrictJson(body)
  if (!json.ok) return failed('bad-answer', `json-${json.detail}`)
  const value = contract.reply.schema.safeParse(json.value)
  if (!value.success) return failed('bad-answer', `shape-${value.error.issues[0]?.path.join('.') ?? ''}`)
  return { ok: true, value: value.data as ReplyOf<C> }
}

function readProblem({ status, body }: HttpAnswer): PeerAnswer<never> {
  const json = readStrictJson(body)
  const problem = json.ok ? Problem.safeParse(json.value) : undefined
  if (!problem?.success || problem.data.status !== status) return failed('bad-answer', 'problem')
  const { type, retry, retry_after: retryAfter, detail, now, receipt } = problem.data
  const code = type.slice('urn:parley:problem:'.length)
  // Something broke over there; that is no answer to what was asked.
  if (status >= 500 && retry === 'never') return failed('http-status', `status-${status}`, code)
  return {
    ok: false,
    refused: {
      code,
      retry,
      ...(retryAfter === undefined ? {} : { retryAfter }),
      ...(detail === undefined ? {} : { detail }),
      ...(now === undefined ? {} : { now }),
      ...(receipt === undefined ? {} : { receipt }),
    },
  }
}
