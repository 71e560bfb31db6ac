import t from 'tap'
import type { RefusalCode } from '#schema/refusal.ts'
import type { WireEndpoint } from '#schema/wire/endpoint.ts'
import * as contracts from '#schema/wire/endpoints.ts'
import * as recovery from '#schema/wire/recovery.ts'
import { type WireFixture, wireFixtures } from './federation-table.ts'
import { type Caller, callers, openNodes } from './nodes.ts'
import { madeUp } from './place.ts'
import { routesOf } from './routes.ts'

// Which node may do what: every route of the federation API, asked by nodes of every standing. What follows from
// the policy of a contract is worked out here; what only a fixture can know stands in federation-table.ts.

t.setTimeout(300_000)
const nodes = await openNodes()
t.teardown(async () => await nodes[Symbol.asyncDispose]())
const { spaces } = nodes
// An introduction changes where a node stands, so it comes last.
const all: readonly WireEndpoint[] = Object.values({ ...contracts, ...recovery }).toSorted(
  (a, b) => Number(a === contracts.hello) - Number(b === contracts.hello),
)

t.test('every route of the federation API is a contract, and is in the table', async (t) => {
  const prefix = '/federation'
  const served = routesOf(nodes.net.node('acme').app)
    .filter((name) => name.includes(prefix))
    .map((name) => name.replace(prefix, ''))
  const declared = new Set(all.map(nameOf))
  t.strictSame(
    served.filter((name) => !declared.has(name)),
    [],
    'serve it through a contract with a policy',
  )
  for (const name of served) {
    t.ok(
      wireFixtures[name],
      `${name} has a fixture: a request, and what is said to whom (federation-table.ts)`,
    )
  }
})

for (const contract of all) {
  const fixture = wireFixtures[nameOf(contract)]
  if (!fixture) continue
  t.test(`${nameOf(contract)} (${contract.policy})`, async (t) => {
    for (const caller of callers) {
      const reply = await nodes.ask(caller, contract, fixture.ask(spaces.shared))
      const expected = expectedOf(contract, fixture, caller)
      t.equal(reply.code ?? 'ok', expected, `${caller}: ${expected}`)
    }
    if (!fixture.aboutSpace) return
    for (const caller of callers) {
      const unknown = await nodes.ask(caller, contract, fixture.ask(madeUp().space))
      const internal = await nodes.ask(caller, contract, fixture.ask(spaces.internal))
      t.equal(withoutIds(internal.said), withoutIds(unknown.said), `${caller}: forbidden is unknown`)
    }
    // A space that acme follows says nothing to those who do not take part in it either.
    const unknown = await nodes.ask('partner', contract, fixture.ask(madeUp().space))
    const followed = await nodes.ask('partner', contract, fixture.ask(spaces.followed))
    t.equal(withoutIds(followed.said), withoutIds(unknown.said), 'nor does what acme follows')
  })
}

function expectedOf({ policy }: WireEndpoint, fixture: WireFixture, caller: Caller): RefusalCode | 'ok' {
  if (policy !== 'anyone') {
    if (caller === 'unsigned') return 'signature-missing'
    if (caller === 'forger') return 'signature-invalid'
    if (caller === 'blocked') return 'partner-blocked'
    if (caller === 'stranger' && policy !== 'stranger') return 'stranger'
    if (caller === 'participant' && policy === 'partner') return 'stranger'
  }
  return fixture.except?.[caller] ?? (caller === 'insider' ? fixture.insider : fixture.others)
}

function nameOf({ method, url }: WireEndpoint): string {
  return `${method} ${url}`
}

/** Answers may repeat the space that was asked about. */
function withoutIds(said: string): string {
  return said.replaceAll(/s_[A-Za-z0-9_-]{43}/g, 's_')
}
