import { randomBytes } from 'node:crypto'
import { jwkOf, type KeyPair, keyPairFromSeed } from '#federation/keys.ts'
import { noPrevious, type OperationLog, readOperationLog, signOperation } from '#federation/operation-log.ts'
import { type RequestToSign, signRequest } from '#federation/request-signature.ts'
import { signStatement, type StatementDraft } from '#federation/statement.ts'
import { readTarget } from '#federation/target.ts'
import type { Http, HttpAnswer, HttpRequest } from '#federation/transport/http.ts'
import type { NodeId } from '#schema/ids.ts'
import type { Operation } from '#schema/wire/operation.ts'

// A node that does what a test says, and the network that leads to it: no sockets, every request counted.

export type Handler = (request: HttpRequest) => Partial<HttpAnswer> | Promise<Partial<HttpAnswer>>

/** The way out to scripted nodes: by authority, and a list of what was asked for. */
export class ScriptedHttp implements Http {
  readonly asked: string[] = []
  readonly #hosts = new Map<string, Handler>()

  host(authority: string, handler: Handler): void {
    this.#hosts.set(`https://${authority}`, handler)
  }

  async send(request: HttpRequest): ReturnType<Http['send']> {
    this.asked.push(`${request.method} ${request.origin}${request.target}`)
    const handler = this.#hosts.get(request.origin)
    if (!handler) return { ok: false, fault: { reason: 'dns', detail: 'not-found' } }
    const answer = await handler(request)
    return { ok: true, answer: { status: 200, headers: {}, body: new Uint8Array(), ...answer } }
  }

  async close(): Promise<void> {}
}

/** An answer with a JSON body. */
export function json(value: unknown, contentType = 'application/parley+json'): Partial<HttpAnswer> {
  return { headers: { 'content-type': contentType }, body: Buffer.from(JSON.stringify(value)) }
}

export class ScriptedPeer {
  readonly node: NodeId
  readonly keys: KeyPair
  readonly operations: string[]
  statement: string
  baseUrl: string
  #version = 0
  readonly #now: () => number

  /** `seed` is the number of its key pair; the recovery key is another hundred on. */
  constructor(node: string, seed: number, now: () => number) {
    this.node = node as NodeId
    this.keys = keyPair(seed)
    this.#now = now
    this.baseUrl = `https://${node}/federation`
    this.operations = [this.operation({ op: 'genesis', recovery: [keyPair(seed + 100).key.kid] })]
    this.statement = this.state()
  }

  get nowSeconds(): number {
    return Math.floor(this.#now() / 1000)
  }

  get log(): OperationLog {
    const log = readOperationLog(this.operations, this.node)
    if (!log.ok) throw new Error(`The scripted log is not valid: ${log.detail}`)
    return log.value
  }

  operation(changes: Partial<Operation>, signer: KeyPair = this.keys): string {
    const active = [jwkOf(this.keys.key, 0)]
    const base = { v: 1, node: this.node, seq: 1, prev: noPrevious, op: 'rotate', active, at: 1 } as const
    return signOperation({ ...base, ...changes }, signer.signer)
  }

  /** Signs a new statement, one version on. */
  state(
    changes: Partial<StatementDraft> & { readonly iss?: string } = {},
    signer: KeyPair = this.keys,
  ): string {
    const { iss, ...draft } = changes
    const iat = this.nowSeconds
    const log = iss === undefined ? this.log : { ...this.log, node: iss as NodeId }
    this.statement = signStatement(
      {
        ver: ++this.#version,
        base_url: this.baseUrl,
        versions: ['1.0'],
        features: [],
        inbound: 'approval',
        iat,
        exp: iat + 86_400,
        ...draft,
      },
      log,
      signer.signer,
    )
    return this.statement
  }

  get document(): { node: string; base_url: string; statement: string } {
    return { node: this.node, base_url: this.baseUrl, statement: this.statement }
  }

  /** Answers what a node answers about itself; tests put other answers before it. */
  readonly serve: Handler = ({ target }) => {
    const [path = ''] = target.split('?', 1)
    if (path === '/.well-known/parley') return json(this.document, 'application/json')
    if (path.endsWith('/v1/node')) return json(this.document)
    if (path.endsWith('/v1/node/ops'))
      return json({ operations: this.operations.slice(Number(target.split('=')[1])) })
    return { status: 404 }
  }

  /** The headers of a request of this peer, signed as protocol.md §5 says unless `changes` say otherwise. */
  sign(
    request: { readonly to: NodeId; readonly target: string; readonly body?: Uint8Array },
    changes: Partial<RequestToSign> = {},
    signer: KeyPair = this.keys,
  ): Record<string, string> {
    const target = readTarget(request.target)
    if (!target.ok) throw new Error('The target of a test does not fit the grammar.')
    const { body } = request
    return signRequest(
      {
        ...target.value,
        method: body ? 'POST' : 'GET',
        authority: request.to,
        origin: this.node,
        destination: request.to,
        nonce: randomBytes(16).toString('base64url'),
        nowSeconds: this.nowSeconds,
        ...(body ? { body } : {}),
        ...changes,
      },
      signer.signer,
    )
  }
}

/** The key pair number n: its seed is n, thirty-two times. */
export function keyPair(n: number): KeyPair {
  return keyPairFromSeed(Buffer.alloc(32, n))
}
