import t, { type Test } from 'tap'
import type { HttpResult } from '#federation/transport/http.ts'
import type { Reason } from '#schema/reason.ts'
import { answer, isPush, later, page, problem, pushesOf } from '../helpers/failing.ts'
import type { SharedThread } from '../helpers/shared-thread.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { eventuallySees, post } from '../helpers/spaces.ts'
import { hindranceAt, whyOf } from '../helpers/why.ts'

// I-30: whatever keeps something from arriving has a reason of the closed list, which names the class of the fault: in
// the federation log, and in what an operator is told who asks why.

const broken = (reason: Reason, detail: string): HttpResult => ({ ok: false, fault: { reason, detail } })

/** What the way to globex does, the reason, what the row has beside it, and what is said. */
const faults: readonly (readonly [HttpResult, Reason, string, RegExp])[] = [
  [
    broken('dns', 'not-found'),
    'dns',
    'not-found',
    /The name of globex\.test cannot be resolved \(dns: not-found\)/,
  ],
  [
    broken('address-not-public', 'resolved'),
    'address-not-public',
    'resolved',
    /an address that is not public/,
  ],
  [
    broken('connect', 'econnrefused'),
    'connect',
    'econnrefused',
    /refuses the connection.* \(connect: econnrefused\)/,
  ],
  [
    broken('tls', 'cert_has_expired'),
    'tls',
    'cert_has_expired',
    /The certificate or the TLS .* \(tls: cert_has_expired\)/,
  ],
  [
    broken('timeout-connect', 'etimedout'),
    'timeout-connect',
    'etimedout',
    /No connection to globex\.test came about within 5 seconds/,
  ],
  [
    broken('timeout-answer', 'too-slow'),
    'timeout-answer',
    'too-slow',
    /did not answer in time \(timeout-answer: too-slow\)/,
  ],
  [broken('draining', 'stopped'), 'draining', 'stopped', /was being stopped/],
  [page(500), 'http-status', 'status-500', /answers with an error \(http-status: status-500\)/],
  [page(404), 'http-status', 'status-404', /answers with an error \(http-status: status-404\)/],
  [page(200), 'bad-answer', 'content-type', /no answer of a Parley node \(bad-answer: content-type\)/],
  [
    answer(200, 'application/parley+json', '{"receipt":'),
    'bad-answer',
    'json-truncated',
    /no answer of a Parley node/,
  ],
  [
    page(429, { 'retry-after': '90' }),
    'rate-limited',
    'status-429',
    /asked to be sent less.* \(rate-limited: log\)/,
  ],
  [
    problem('signature-invalid'),
    'signature',
    'signature-invalid',
    /was not accepted .* \(signature: signature-invalid\)/,
  ],
  [problem('key-unknown'), 'signature', 'key-unknown', /\(signature: key-unknown\)/],
  [
    problem('clock-skew'),
    'clock-skew',
    'clock-skew',
    /The clocks of globex\.test .* differ too much \(clock-skew\)/,
  ],
  [problem('rate', { 'retry-after': '90' }), 'rate-limited', 'rate', /\(rate-limited: log\)/],
  [problem('approval-pending'), 'policy-hold', 'approval-pending', /has not approved us yet \(policy-hold/],
  [
    problem('partner-paused'),
    'policy-hold',
    'partner-paused',
    /An administrator of globex\.test has paused the exchange/,
  ],
  [problem('space-frozen'), 'quarantine', 'space-frozen', /The log is frozen.* \(quarantine: space-frozen\)/],
  [problem('gap'), 'gap', 'gap', /lacks entries before these \(gap\)/],
  [problem('fork'), 'fork', 'fork', /Two histories .* \(fork\)/],
  [problem('version'), 'version', 'version', /speaks other versions .* \(version\)/],
  [problem('no-right'), 'refused', 'no-right', /has refused it \(refused: no-right\)/],
]

t.test('I-30: the reason in the log and in the explanation names the class of every fault', async (t) => {
  const shared = await sharedThread()
  const { net, alice, bob, thread } = shared
  t.teardown(async () => await net[Symbol.asyncDispose]())
  for (const [said, reason, word, sentence] of faults) {
    const since = await later(net)
    const heal = net.wire.answer(isPush, () => said)
    const text = `Through ${reason} ${word}.`
    const id = await idOf(shared, text)
    await net.clock.advance(100)
    const [row] = await pushesOf(net, since)
    t.equal(row?.reason, reason, `${reason} ${word} in the log`)
    t.ok([row?.detail, row?.code].includes(word), `with ${word} beside it`)
    const why = await whyOf(alice, id, 'message')
    t.equal(hindranceAt(why, 'globex.test')?.reason, reason, `${reason} ${word} in the explanation`)
    t.match(why.text, sentence)
    t.match(why.text, /What would help: /)
    checkNext(t, why, net.clock.now)
    heal()
    await eventuallySees(net, bob, thread, text)
    t.equal(hindranceAt(await whyOf(alice, id, 'message'), 'globex.test'), null, 'and nothing any more')
  }
})

function checkNext(t: Test, why: Awaited<ReturnType<typeof whyOf<'message'>>>, now: number): void {
  const next = hindranceAt(why, 'globex.test')?.nextAttemptBy ?? null
  t.ok(next !== null && next >= now && next <= now + 3_700_000, `the next attempt is named: ${next}`)
}

async function idOf({ alice, thread }: SharedThread, text: string): Promise<string> {
  return (await post(alice, thread, text)).id
}

/** A state of the nodes, and what alice's administrator is told of a message that is written in it. */
type Case = {
  readonly reason: Reason
  readonly detail: string | null
  readonly sentence: RegExp
  readonly begin: (shared: SharedThread) => Promise<unknown>
  readonly end: (shared: SharedThread) => Promise<unknown>
  readonly afterMs?: number
}

const setCopy = async (
  { net, thread }: SharedThread,
  changes: { frozen?: string | null; purging?: boolean },
) => await net.node('globex').context.db.updateTable('space').set(changes).where('id', '=', thread).execute()

const cases: readonly Case[] = [
  {
    reason: 'clock-skew',
    detail: 'clock-skew, created-past',
    sentence: /differ too much .*Set both clocks by NTP/s,
    begin: async ({ net }) => net.skew('globex', 5 * 60_000),
    end: async ({ net }) => net.skew('globex', 0),
  },
  {
    reason: 'policy-hold',
    detail: 'paused',
    sentence:
      /An administrator of ours has paused .*Nothing is tried before that changes.*Resume globex\.test/s,
    begin: async ({ alice }) => await alice.ok('POST', '/api/peers/globex.test/pause'),
    end: async ({ alice }) => await alice.ok('POST', '/api/peers/globex.test/resume'),
  },
  {
    reason: 'policy-hold',
    detail: 'partner-paused',
    sentence: /An administrator of globex\.test has paused the exchange with us/,
    begin: async ({ bob }) => await bob.ok('POST', '/api/peers/acme.test/pause'),
    end: async ({ bob }) => await bob.ok('POST', '/api/peers/acme.test/resume'),
  },
  {
    reason: 'quarantine',
    detail: 'space-frozen',
    sentence: /The log is frozen/,
    begin: async (shared) => await setCopy(shared, { frozen: 'quarantine' }),
    end: async (shared) => await setCopy(shared, { frozen: null }),
  },
  {
    reason: 'purge-running',
    detail: 'busy, purge-running',
    sentence: /is deleting its copy/,
    begin: async (shared) => await setCopy(shared, { purging: true }),
    end: async (shared) => await setCopy(shared, { purging: false }),
  },
  {
    reason: 'breaker-open',
    detail: null,
    sentence:
      /has not answered several times in a row.*What the last attempt failed for: .*\(connect: virtual-network\)/s,
    begin: async ({ net }) => net.cut('acme', 'globex'),
    end: async ({ net }) => net.heal('acme', 'globex'),
    afterMs: 3 * 60_000,
  },
]

for (const { reason, detail, sentence, begin, end, afterMs = 100 } of cases) {
  t.test(`I-30: ${reason} (${detail ?? 'many times'}) is named as what it is`, async (t) => {
    const shared = await sharedThread()
    const { net, alice, bob, thread } = shared
    t.teardown(async () => await net[Symbol.asyncDispose]())
    await later(net)
    await begin(shared)
    const id = await idOf(shared, 'Written meanwhile.')
    await net.clock.advance(afterMs)
    const why = await whyOf(alice, id, 'message')
    t.match(hindranceAt(why, 'globex.test'), { reason, detail })
    t.match(why.text, sentence)
    const { nextAttemptBy } = hindranceAt(why, 'globex.test')!
    await end(shared)
    if (nextAttemptBy !== null) await net.clock.advance(nextAttemptBy - net.clock.now)
    await eventuallySees(net, bob, thread, 'Written meanwhile.')
  })
}

t.test('I-30: a copy that is shut because its host is silent says so', async (t) => {
  const { net, alice, bob, thread } = await sharedThread()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  net.cut('acme', 'globex')
  await net.clock.leap(26 * 60 * 60_000)
  const silent = await whyOf(bob, thread, 'space')
  t.match(silent, { access: 'outage', hindrance: { reason: 'lease-expired', detail: 'outage' } })
  t.match(silent.text, /acme\.test has not been heard of since its lease ran out.* opens by itself/s)
  await net.clock.leap(7 * 24 * 60 * 60_000)
  const shut = await whyOf(bob, bob.id, 'person')
  t.match(shut.ways, [{ space: thread, closedBy: 'lease' }])
  t.match(shut.text, /They should reach the thread .*They cannot get in: the lease of its host has run out/s)
  const peer = await whyOf(alice, 'globex.test', 'peer')
  t.match(peer, { peer: { reach: 'unreachable' } })
  t.match(peer.text, /has not answered since .* \(unreachable\)/)
})
