import { lookup as lookUp } from 'node:dns/promises'
import { Agent, buildConnector, request } from 'undici'
import { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { isPublicAddress } from './address.ts'
import { Fault, faultOf } from './fault.ts'
import type { Http, HttpAnswer, HttpRequest, HttpResult } from './http.ts'

// The only way out to other nodes. A peer's documents decide where we connect to, so nothing here believes them:
// names are domains, addresses are public (before and after connecting), redirects are answers like others,
// nothing is decompressed, and every wait and every size has an end.

export type HttpOptions = {
  /** Nodes that are reached on loopback in plain HTTP. The configuration allows it for .localhost and .test only. */
  readonly developmentPeers?: ReadonlyMap<NodeId, URL> | undefined
  /** Counts what is under way. */
  readonly activity?: { track<T>(work: Promise<T>): Promise<T> }
  /** Addresses of a name; the system's resolver unless a test has its own. */
  readonly lookup?: (hostname: string) => Promise<readonly string[]>
  readonly timeoutsMs?: { readonly connect: number; readonly headers: number; readonly whole: number }
}

const standardTimeoutsMs = {
  connect: limits.connectTimeoutMs,
  headers: limits.headersTimeoutMs,
  whole: limits.requestTimeoutMs,
}

const originsMax = 1_000
const connectionsPerOriginMax = 8

export function openHttp(options: HttpOptions = {}): Http {
  const timeoutsMs = options.timeoutsMs ?? standardTimeoutsMs
  // A pool whose last connection has closed leaves the agent, so that many short acquaintances cost nothing.
  const agent = new Agent({
    connect: connectorOf(options, timeoutsMs.connect),
    allowH2: false,
    connections: connectionsPerOriginMax,
    maxOrigins: originsMax,
    pipelining: 1,
    keepAliveTimeout: 10_000,
    keepAliveMaxTimeout: 30_000,
    headersTimeout: timeoutsMs.headers,
    bodyTimeout: timeoutsMs.headers,
    maxHeaderSize: 16 * 1024,
  })
  async function send(message: HttpRequest, signal: AbortSignal): Promise<HttpResult> {
    const deadline = AbortSignal.timeout(timeoutsMs.whole)
    try {
      const answer = await exchange(agent, message, AbortSignal.any([signal, deadline]))
      return { ok: true, answer }
    } catch (error) {
      if (signal.aborted) return { ok: false, fault: { reason: 'draining', detail: 'stopped' } }
      return { ok: false, fault: faultOf(error, deadline.aborted) }
    }
  }
  return {
    send: async (message, signal) => {
      const work = send(message, signal)
      return await (options.activity?.track(work) ?? work)
    },
    close: async () => await agent.destroy(),
  }
}

async function exchange(agent: Agent, message: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
  const { statusCode, headers, body } = await request(`${message.origin}${message.target}`, {
    dispatcher: agent,
    method: message.method,
    headers: { ...message.headers, 'accept-encoding': 'identity' },
    ...(message.body ? { body: message.body } : {}),
    signal,
  })
  const chunks: Uint8Array[] = []
  let length = 0
  // Leaving the loop destroys the body, and the connection with it.
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > message.answerBytesMax) throw new Fault('bad-answer', 'too-large')
    chunks.push(chunk)
  }
  if (headers['content-encoding'] !== undefined) throw new Fault('bad-answer', 'content-encoding')
  return { status: statusCode, headers, body: Buffer.concat(chunks) }
}

type Connector = buildConnector.connector

// undici speaks TLS when the origin says https, which it always does here. So this is where a mapped peer gets
// its plain socket: requests, signatures and checks of it stay those of production.
function connectorOf(options: HttpOptions, timeout: number): Connector {
  const { developmentPeers } = options
  const secure = buildConnector({
    allowH2: false,
    timeout,
    lookup: publicLookup(options.lookup ?? resolve),
    autoSelectFamily: true,
    minVersion: 'TLSv1.2',
  })
  const plain = buildConnector({ allowH2: false, timeout })
  return (to, callback) => {
    const mapped = developmentPeers?.get(to.hostname as NodeId)
    if (mapped) {
      const { hostname, port } = mapped
      const there = { hostname, host: mapped.host, port, protocol: 'http:' }
      return plain(
        there,
        checked((address) => address === hostname, callback),
      )
    }
    // A lookup is not asked about addresses in any spelling: a name that is no domain ends here (SSRF by literal).
    if (to.protocol !== 'https:' || !NodeId.safeParse(to.hostname).success) {
      return callback(new Fault('address-not-public', 'not-a-domain'), null)
    }
    return secure(to, checked(isPublicAddress, callback))
  }
}

/** Looks at the connected socket itself: a name may resolve to something else the second time (rebinding). */
function checked(isAllowed: (address: string) => boolean, callback: buildConnector.Callback) {
  return (...result: buildConnector.CallbackArgs | [Error, null]): void => {
    const [error, socket] = result
    if (error || !socket) return callback(error ?? new Fault('connect', 'no-socket'), null)
    if (isAllowed(socket.remoteAddress ?? '')) return callback(null, socket)
    socket.destroy()
    callback(new Fault('address-not-public', 'connected'), null)
  }
}

async function resolve(hostname: string): Promise<readonly string[]> {
  const found = await lookUp(hostname, { all: true })
  return found.map(({ address }) => address)
}

type LookupAddress = { readonly address: string; readonly family: number }
type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void

/** What a connection may go to: the addresses of a name, or why none of them. */
function publicLookup(resolveName: (hostname: string) => Promise<readonly string[]>) {
  return (hostname: string, { all }: { all?: boolean | undefined }, callback: LookupCallback): void => {
    const answer = async (): Promise<void> => {
      const found = await findAddresses(hostname, resolveName)
      if (found instanceof Fault) return callback(found, [])
      if (all) return callback(null, found)
      callback(null, found[0]!.address, found[0]!.family)
    }
    void answer()
  }
}

/** An answer that mixes public and other addresses is refused whole: picking the good ones is what attackers play with. */
async function findAddresses(
  hostname: string,
  resolveName: (hostname: string) => Promise<readonly string[]>,
): Promise<LookupAddress[] | Fault> {
  try {
    const addresses = await resolveName(hostname)
    if (addresses.length === 0) return new Fault('dns', 'not-found')
    if (!addresses.every(isPublicAddress)) return new Fault('address-not-public', 'resolved')
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return new Fault('dns', code === 'ENOTFOUND' || code === 'ENODATA' ? 'not-found' : 'failed')
  }
}
