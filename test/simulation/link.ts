import type { Http, HttpRequest, HttpResult } from '#federation/transport/http.ts'
import { between } from './chance.ts'
import { distort } from './dishonest.ts'
import type { Life, SimNode } from './parts.ts'
import { isOfLogs } from './tap.ts'

// The Http port: what one node sends goes into the other's app, when and as often as the history has it. An answer
// that does not come in time is one that never came.

type Answer = Extract<HttpResult, { ok: true }>['answer']

const timeoutMinMs = 2_000
const timeoutMaxMs = 12_000

/** The way out of one life of a node. */
export function httpOf(life: Life): Http {
  return {
    send: async (request) => await send(life, request),
    close: async () => undefined,
  }
}

async function send(life: Life, request: HttpRequest): Promise<HttpResult> {
  const { world } = life
  const to = world.nodeOf(new URL(request.origin).hostname)
  const label = `${to.name} ${request.method} ${routeOf(request.target)}`
  const fate = await life.pass({ kind: 'send', label, delay: (id) => world.faults.networkDelay(id) })
  const done = new AbortController()
  const timeout = life
    .pass({
      kind: 'timer',
      label: `timeout ${label}`,
      delay: (id) => between(world.faults.roll(id), timeoutMinMs, timeoutMaxMs),
      signal: done.signal,
    })
    .then((): HttpResult => lost('timeout-answer'))
  if (fate === 'lose' || world.isCut(life.node, to)) {
    world.reach(fate === 'lose' ? 'request lost' : 'request into a partition')
    return await timeout
  }
  if (isOfLogs(request.target) && world.isHeldUp(life.node, to)) {
    world.reach('log held up')
    return await timeout
  }
  if (fate === 'duplicate' || fate === 'late-duplicate') void repeat(life, to, request, label, fate)
  const result = await Promise.race([timeout, exchange(life, to, request, label)])
  done.abort()
  return result
}

async function exchange(life: Life, to: SimNode, request: HttpRequest, label: string): Promise<HttpResult> {
  const { world } = life
  const answer = await deliver(life, to, request, label)
  if (!answer) return lost('connect')
  let gate = label
  const delay = (id: string): number => {
    gate = id
    return world.faults.networkDelay(id)
  }
  const fate = await life.pass({ kind: 'answer', label, delay })
  if (fate !== 'lose' && !world.isCut(to, life.node)) {
    const other = answer.status === 200 && distort({ life, to, request, id: gate }, asText(answer.body))
    return { ok: true, answer: other ? { ...answer, body: Buffer.from(other) } : answer }
  }
  world.reach('answer lost')
  return await new Promise(() => undefined)
}

/** The same once more, whose answer nobody hears; perhaps long after. */
async function repeat(
  life: Life,
  to: SimNode,
  request: HttpRequest,
  label: string,
  fate: 'duplicate' | 'late-duplicate',
): Promise<void> {
  const { faults, scheduler } = life.world
  const delay = (id: string): number =>
    fate === 'duplicate' ? faults.networkDelay(id) : between(faults.roll(id), 1_000, 8_000)
  // It is on the wire: it arrives even if who sent it is gone.
  await scheduler.arrive({ kind: 'nemesis', whose: to.name, label: `again ${label}`, delay, of: life.world })
  life.world.reach('request doubled')
  await deliver(life, to, request, label)
}

/** Undefined: nobody is there, or they died over it. */
async function deliver(
  life: Life,
  to: SimNode,
  request: HttpRequest,
  label: string,
): Promise<Answer | undefined> {
  const { world } = life
  const target = to.life
  if (!target?.running) return undefined
  await target.pass({ kind: 'receive', label: `${life.node.name} ${label}`, delay: 0 })
  world.tap.sent(life.node, to, request)
  const answering = target.running.app.inject({
    method: request.method,
    url: request.target,
    headers: { ...request.headers, host: to.id },
    ...(request.body ? { payload: Buffer.from(request.body) } : {}),
  })
  const answer = await Promise.race([answering, target.died])
  if (answer === 'died') return undefined
  world.tap.answered(life.node, to, request, answer)
  return { status: answer.statusCode, headers: answer.headers as never, body: answer.rawPayload }
}

function asText(body: Answer['body']): string {
  return Buffer.from(body).toString()
}

function lost(reason: 'connect' | 'timeout-answer'): HttpResult {
  return { ok: false, fault: { reason, detail: 'simulation' } }
}

/** Ids are no part of a route. */
export function routeOf(target: string): string {
  const [path] = target.split('?')
  return path!
    .split('/')
    .map((part) => (part.length > 20 ? ':id' : part))
    .join('/')
}
