import type { Fence } from '#schema/wire/fence.ts'
import type { SpaceId } from '#schema/ids.ts'
import type { HttpRequest } from '#federation/transport/http.ts'
import type { Answered, Listener, Shipment, SimNode, Taken, World } from './parts.ts'

const entriesTarget = /\/v1\/spaces\/(s_[A-Za-z0-9_-]{43})\/entries/

/** Does a request carry entries, or ask for some? */
export function isOfLogs(target: string): boolean {
  return entriesTarget.test(target)
}

type Dated = { readonly at: number; readonly answer: Answered }

/** Two requests that ask for the same, from wherever on. */
function question(from: SimNode, to: SimNode, { target }: HttpRequest): string {
  return `${from.name} ${to.name} ${target.split('?')[0]}`
}

/** Listens to everything between nodes: what was sent to whom (I-12), and which paths a history has taken. */
export class Tap implements Listener {
  readonly shipments: Shipment[] = []
  readonly taken: Taken[] = []
  readonly #answers = new Map<string, Dated[]>()
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  sent(from: SimNode, to: SimNode, { method, target, body }: HttpRequest): void {
    const space = entriesTarget.exec(target)?.[1] as SpaceId | undefined
    if (space === undefined) return
    if (method === 'POST') this.#note(from, to, space, Buffer.from(body ?? []).toString())
    else this.#world.reach('catch-up by pull')
  }

  firstAnswer(from: SimNode, to: SimNode, request: HttpRequest, since: number): Answered | undefined {
    return this.#answers.get(question(from, to, request))?.find(({ at }) => at > since)?.answer
  }

  answered(from: SimNode, to: SimNode, request: HttpRequest, { statusCode, payload }: Answered): void {
    const { method, target, body } = request
    this.#keep(from, to, request, { statusCode, payload })
    const space = entriesTarget.exec(target)?.[1] as SpaceId | undefined
    if (space !== undefined && method === 'GET' && statusCode === 200) this.#note(to, from, space, payload)
    if (target.endsWith('/submit') && payload.includes('"duplicate"'))
      this.#world.reach('host answered duplicate')
    if (target.endsWith('/submit') && payload.includes('"rejected"'))
      this.#world.reach('host refused an event')
    if (method === 'POST' && target.endsWith('/fences') && statusCode === 200) this.#close(to, body)
    if (statusCode < 400) return
    const code = /urn:parley:problem:([a-z-]+)/.exec(payload)?.[1]
    if (code === 'gap') this.#world.reach('push with a gap')
    if (code === 'not-participating') this.#world.reach('push to a node that takes part no longer')
    if (code === 'replay') this.#world.reach('nonce used twice')
  }

  #keep(from: SimNode, to: SimNode, request: HttpRequest, answer: Answered): void {
    if (answer.statusCode >= 300) return
    if (request.method === 'POST') {
      this.taken.push({ from, to, request })
      return
    }
    const name = question(from, to, request)
    const answers = this.#answers.get(name) ?? []
    answers.push({ at: this.#world.scheduler.now, answer })
    this.#answers.set(name, answers)
  }

  /** Whoever has answered a fence knows what it says. */
  #close(node: SimNode, body: HttpRequest['body']): void {
    const { fence } = JSON.parse(Buffer.from(body ?? []).toString()) as { fence: string }
    const payload = JSON.parse(Buffer.from(fence.split('.')[1]!, 'base64url').toString()) as Fence
    const { space, subject, from_seq: fromSeq } = payload
    this.#world.closures.push({ node: node.id, space, subject, fromSeq, at: this.#world.scheduler.now })
    this.#world.reach(payload.action === 'purge' ? 'fence that purges' : 'fence')
  }

  #note(host: SimNode, to: SimNode, space: SpaceId, text: string): void {
    const { entries } = JSON.parse(text) as { entries: { entry: string }[] }
    for (const { entry } of entries) {
      const { seq } = JSON.parse(entry) as { seq: number }
      this.shipments.push({ host: host.id, to: to.id, space, seq })
    }
  }
}
