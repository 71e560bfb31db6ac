import { randomBytes } from 'node:crypto'
import { signRequest } from '#federation/request-signature.ts'
import { readTarget } from '#federation/target.ts'
import type { NodeId } from '#schema/ids.ts'
import type { WireEndpoint } from '#schema/wire/endpoint.ts'
import { network, type Network } from '../helpers/network.ts'
import { keyPair } from '../helpers/scripted-peer.ts'
import { share, startThread } from '../helpers/spaces.ts'

// Nodes that ask acme, each with its own standing there.

export const callers = [
  /** Without a signature. */
  'unsigned',
  /** In the name of globex, with another key. */
  'forger',
  /** Nobody has heard of it; its documents can be read. */
  'stranger',
  /** Known because it takes part in a space that globex hosts and acme follows; nobody approved it. */
  'participant',
  /** Approved on both sides, and takes part in nothing. */
  'partner',
  /** globex, approved, with somebody in the thread. */
  'insider',
  /** Was approved, and is blocked. */
  'blocked',
] as const
export type Caller = (typeof callers)[number]

const names = {
  forger: 'globex',
  stranger: 'umbrella',
  participant: 'initech',
  partner: 'hooli',
  insider: 'globex',
  blocked: 'vandal',
} as const satisfies Record<Exclude<Caller, 'unsigned'>, string>

export type Nodes = AsyncDisposable & {
  readonly net: Network
  readonly spaces: {
    /** Hosted by acme, with somebody of globex in it. */
    readonly shared: string
    /** Hosted by acme, and shared with nobody. */
    readonly internal: string
    /** Hosted by globex, with people of acme and initech in it. */
    readonly followed: string
  }
  ask(caller: Caller, contract: WireEndpoint, asked: WireAsked): Promise<WireReply>
}

export type WireAsked = { readonly target: string; readonly body?: object }
export type WireReply = { readonly status: number; readonly code: string | undefined; readonly said: string }

export async function openNodes(): Promise<Nodes> {
  const net = await network(['acme', 'globex', 'hooli', 'initech', 'umbrella', 'vandal'])
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  const carol = await net.person('carol', 'initech')
  for (const [handle, name] of [
    ['hank', 'hooli'],
    ['uma', 'umbrella'],
    ['vic', 'vandal'],
  ] as const) {
    await net.person(handle, name)
  }
  for (const name of ['globex', 'hooli', 'vandal']) await net.befriend('acme', name)
  await net.befriend('globex', 'initech')
  const shared = await startThread(alice, { title: 'Shared' })
  await share(net, alice, shared, bob)
  const internal = await startThread(alice, { title: 'Internal' })
  const followed = await startThread(bob, { title: 'Followed' })
  await share(net, bob, followed, alice)
  await share(net, bob, followed, carol)
  const { db } = net.node('acme').context
  await db
    .updateTable('peer')
    .set({ blocked: true })
    .where('node', '=', 'vandal.test' as NodeId)
    .execute()
  await net.eventually('acme knows initech', async () => {
    const known = await db
      .selectFrom('peer')
      .select('node')
      .where('node', '=', 'initech.test' as NodeId)
      .execute()
    return known.length === 1
  })
  return {
    net,
    spaces: { shared, internal, followed },
    ask: async (caller, contract, asked) => await ask(net, caller, contract, asked),
    [Symbol.asyncDispose]: async () => await net[Symbol.asyncDispose](),
  }
}

const acme = 'acme.test' as NodeId
let addresses = 0

async function ask(
  net: Network,
  caller: Caller,
  { method }: WireEndpoint,
  { target, body }: WireAsked,
): Promise<WireReply> {
  const url = `/federation${target}`
  const bytes = body && Buffer.from(JSON.stringify(body))
  const answer = await net.node('acme').app.inject({
    method,
    url,
    headers: { host: acme, ...(caller === 'unsigned' ? unsigned(bytes) : signed(net, caller, url, bytes)) },
    // Each from an address of its own, so that nobody is turned away for what others have sent.
    remoteAddress: `198.18.${Math.floor(addresses / 256)}.${addresses++ % 256}`,
    ...(bytes ? { payload: bytes } : {}),
  })
  const isProblem = String(answer.headers['content-type']).startsWith('application/problem+json')
  const { date: _date, ...headers } = answer.headers
  return {
    status: answer.statusCode,
    code: isProblem ? answer.json<{ type: string }>().type.split(':').at(-1) : undefined,
    said: JSON.stringify([headers, answer.body]).replace(/urn:uuid:[0-9a-f-]{36}/, 'urn:uuid:'),
  }
}

function unsigned(body: Buffer | undefined): Record<string, string> {
  return body ? { 'content-type': 'application/parley+json' } : {}
}

function signed(
  net: Network,
  caller: Exclude<Caller, 'unsigned'>,
  url: string,
  body: Buffer | undefined,
): Record<string, string> {
  const { id, context } = net.node(names[caller])
  const target = readTarget(url)
  if (!target.ok) throw new Error(`${url} does not fit the grammar of targets.`)
  const { signer } = context.keys
  const forged = { ...keyPair(66).signer, kid: signer.kid }
  return signRequest(
    {
      ...target.value,
      method: body ? 'POST' : 'GET',
      authority: acme,
      origin: id as NodeId,
      destination: acme,
      nonce: randomBytes(16).toString('base64url'),
      nowSeconds: Math.floor(net.clock.now / 1000),
      ...(body ? { body } : {}),
    },
    caller === 'forger' ? forged : signer,
  )
}
