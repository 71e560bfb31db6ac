import type { HttpResult } from '#federation/transport/http.ts'
import { refusals } from '#schema/refusal.ts'
import type { Network } from './network.ts'
import { exchangesOf } from './records.ts'

// A host whose follower does not answer, or answers what no node says.

type Rule = Parameters<Network['wire']['answer']>[0]

export const isPush: Rule = (_from, to, { method, target }) =>
  to === 'globex.test' && method === 'POST' && target.endsWith('/entries')
export const isToGlobex: Rule = (_from, to) => to === 'globex.test'

export function answer(
  status: number,
  type: string,
  body = '',
  more: Record<string, string> = {},
): HttpResult {
  return { ok: true, answer: { status, headers: { 'content-type': type, ...more }, body: Buffer.from(body) } }
}

export const page = (status: number, more: Record<string, string> = {}): HttpResult =>
  answer(status, 'text/html', '<h1>It works!</h1>', more)

export function problem(code: keyof typeof refusals, more: Record<string, string> = {}): HttpResult {
  const { status, sentence: title } = refusals[code]
  const body = { type: `urn:parley:problem:${code}`, title, status, retry: 'never' }
  return answer(status, 'application/problem+json', JSON.stringify(body), more)
}

export const fault = (reason: 'connect' | 'timeout-answer' | 'bad-answer', detail: string): HttpResult => ({
  ok: false,
  fault: { reason, detail },
})

/** What the federation log of acme says of its pushes to a node, oldest first. */
export async function pushesOf(net: Network, since: number, to = 'globex') {
  const rows = await exchangesOf(net.node('acme').context)
  return rows.filter(({ at, direction, peer, method, route }) => {
    const isPush = direction === 'out' && method === 'POST' && route.endsWith('/entries')
    return isPush && peer === `${to}.test` && at >= since
  })
}

/** A moment behind everything that was recorded. */
export async function later(net: Network): Promise<number> {
  await net.clock.advance(10)
  return net.clock.now
}

export async function cursorOf(net: Network, thread: string) {
  return await net
    .node('acme')
    .context.db.selectFrom('cursor')
    .select(['ackedSeq', 'stopped'])
    .where('spaceId', '=', thread as never)
    .executeTakeFirstOrThrow()
}
