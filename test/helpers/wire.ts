import type { FastifyInstance } from 'fastify'
import type { Http, HttpRequest, HttpResult } from '#federation/transport/http.ts'
import type { Clock } from '#server/ports/clock.ts'

// The network between nodes in one process: requests go into the other node's app, and only when and how often the
// test lets them. Headers arrive as they were sent.

export type Sighting = {
  readonly from: string
  readonly to: string
  readonly method: string
  readonly target: string
  readonly body: string
  readonly status: number | undefined
  readonly answer: string
}

type Target = Pick<FastifyInstance, 'inject'>
type Rule = (from: string, to: string, request: HttpRequest) => boolean

export class Wire {
  readonly #clock: Clock
  readonly #nodes = new Map<string, Target>()
  readonly #cuts = new Set<string>()
  readonly #twice = new Set<Rule>()
  readonly #delays = new Set<{ readonly rule: Rule; readonly ms: () => number }>()
  readonly #lostAnswers = new Set<Rule>()
  readonly #lost = new Set<Rule>()
  readonly #answers = new Set<{
    readonly rule: Rule
    readonly answer: (request: HttpRequest) => HttpResult
  }>()
  readonly #rewrites = new Set<{ readonly rule: Rule; readonly change: (body: string) => string }>()
  readonly #alterations = new Set<{
    readonly rule: Rule
    readonly change: (request: HttpRequest) => HttpRequest
  }>()
  /** Everything that went over it, in the order of sending. */
  readonly sightings: Sighting[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  join(node: string, app: Target): void {
    this.#nodes.set(node, app)
  }

  leave(node: string): void {
    this.#nodes.delete(node)
  }

  cut(a: string, b: string): void {
    this.#cuts.add(`${a} ${b}`).add(`${b} ${a}`)
  }

  heal(a: string, b: string): void {
    this.#cuts.delete(`${a} ${b}`)
    this.#cuts.delete(`${b} ${a}`)
  }

  /** Requests that the rule names arrive twice. */
  duplicate(rule: Rule): () => void {
    this.#twice.add(rule)
    return () => this.#twice.delete(rule)
  }

  /** They take this long each way, each its own time: so they overtake each other. */
  delay(rule: Rule, ms: () => number): () => void {
    const entry = { rule, ms }
    this.#delays.add(entry)
    return () => this.#delays.delete(entry)
  }

  /** They arrive, and their answers do not. */
  loseAnswers(rule: Rule): () => void {
    this.#lostAnswers.add(rule)
    return () => this.#lostAnswers.delete(rule)
  }

  /** They never arrive. */
  lose(rule: Rule): () => void {
    this.#lost.add(rule)
    return () => this.#lost.delete(rule)
  }

  /** They are answered with something else: what a node says when it does not mean well. */
  rewrite(rule: Rule, change: (body: string) => string): () => void {
    const entry = { rule, change }
    this.#rewrites.add(entry)
    return () => this.#rewrites.delete(entry)
  }

  /** They arrive changed: what a proxy on the way does. */
  alter(rule: Rule, change: (request: HttpRequest) => HttpRequest): () => void {
    const entry = { rule, change }
    this.#alterations.add(entry)
    return () => this.#alterations.delete(entry)
  }

  /** They do not arrive: something else answers in place of the node, or nothing does. */
  answer(rule: Rule, answer: (request: HttpRequest) => HttpResult): () => void {
    const entry = { rule, answer }
    this.#answers.add(entry)
    return () => this.#answers.delete(entry)
  }

  /** What one node hears that was sent to it. */
  heardBy(node: string): Sighting[] {
    return this.sightings.filter((sighting) => sighting.to === node)
  }

  /** The way out of one node. */
  httpOf(from: string): Http {
    return {
      send: async (request) => await this.#send(from, request),
      close: async () => undefined,
    }
  }

  async #send(from: string, sent: HttpRequest): Promise<HttpResult> {
    const to = new URL(sent.origin).hostname
    const altering = [...this.#alterations].filter(({ rule }) => rule(from, to, sent))
    const request = altering.reduce((changed, { change }) => change(changed), sent)
    await this.#wait(from, to, request)
    const [other] = [...this.#answers].filter(({ rule }) => rule(from, to, request))
    if (other) return other.answer(request)
    const target = this.#nodes.get(to)
    if (!target || this.#cuts.has(`${from} ${to}`)) return lost('connect')
    if ([...this.#lost].some((rule) => rule(from, to, request))) return lost('connect')
    if ([...this.#twice].some((rule) => rule(from, to, request))) await this.#deliver(target, from, request)
    const answer = await this.#deliver(target, from, request)
    await this.#wait(from, to, request)
    if (this.#cuts.has(`${to} ${from}`)) return lost('timeout-answer')
    if ([...this.#lostAnswers].some((rule) => rule(from, to, request))) return lost('timeout-answer')
    const changes = [...this.#rewrites].filter(({ rule }) => rule(from, to, request))
    if (changes.length === 0 || answer.status !== 200) return { ok: true, answer }
    const text = changes.reduce((body, { change }) => change(body), Buffer.from(answer.body).toString())
    return { ok: true, answer: { ...answer, body: Buffer.from(text) } }
  }

  async #wait(from: string, to: string, request: HttpRequest): Promise<void> {
    for (const { rule, ms } of this.#delays) if (rule(from, to, request)) await this.#clock.sleep(ms())
  }

  async #deliver(
    target: Target,
    from: string,
    request: HttpRequest,
  ): Promise<Extract<HttpResult, { ok: true }>['answer']> {
    const to = new URL(request.origin).hostname
    const answer = await target.inject({
      method: request.method,
      url: request.target,
      headers: { host: to, ...request.headers },
      ...(request.body ? { payload: Buffer.from(request.body) } : {}),
    })
    const { method, target: path } = request
    const body = request.body ? Buffer.from(request.body).toString() : ''
    this.sightings.push({
      from,
      to,
      method,
      target: path,
      body,
      status: answer.statusCode,
      answer: answer.payload,
    })
    return { status: answer.statusCode, headers: answer.headers as never, body: answer.rawPayload }
  }
}

function lost(reason: 'connect' | 'timeout-answer'): HttpResult {
  return { ok: false, fault: { reason, detail: 'virtual-network' } }
}
