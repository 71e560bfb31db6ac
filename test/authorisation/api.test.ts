import t, { type Test } from 'tap'
import type { Endpoint } from '#schema/endpoint.ts'
import type { SpaceId } from '#schema/ids.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import { doors, type Fixture } from './api/fixture.ts'
import { fixtures } from './api-table.ts'
import { type Actor, actors, openCast, type Reply, signedIn } from './cast.ts'
import { madeUp, marker, newAccount, openElsewhere, openPlace, type Place } from './place.ts'
import { routesOf } from './routes.ts'

// Who may do what (reliability.md 3.9(1)): every route of the client API, asked by everybody. The routes come from
// what the node serves, the policies from their contracts; what only a fixture can know stands
// in api/.

t.setTimeout(300_000)
const cast = await openCast()
t.teardown(async () => await cast[Symbol.asyncDispose]())
const { app } = cast.net.node('acme')
const shared = await openPlace(cast, { externals: true })
const elsewhere = await openElsewhere(cast)
const nowhere = madeUp()

t.test('every route has a declared policy, and is in the table', async (t) => {
  const declared = new Set(app.contracts.map(nameOf))
  const undeclared = routesOf(app).filter((name) => !declared.has(name) && !isOpenToAll(name))
  t.strictSame(undeclared, [], 'serve it through a contract with a policy (server/routes/serve.ts)')
  for (const name of declared) {
    t.ok(fixtures[name], `${name} has a fixture: its door, a request and who is refused (api/*.ts)`)
  }
  for (const name of Object.keys(fixtures)) t.ok(declared.has(name), `${name} of the table is served`)
})

t.test('GET /api/stream (user)', async (t) => {
  for (const actor of actors) {
    if (actor === 'anonymous' || actor === 'stranger') {
      await t.rejects(cast.watch(actor), { message: /\b40[13]\b/ }, `${actor} gets no stream`)
      continue
    }
    const { frames, ask, close } = await cast.watch(actor)
    const told = async (space: string): Promise<string> => {
      const from = frames.length
      ask({ type: 'subscribe', space: space as SpaceId, after: 0 })
      await cast.net.clock.settle()
      return JSON.stringify(frames.slice(from)).replaceAll(space, 'it')
    }
    const theirs = await told(shared.space)
    const unknown = await told(nowhere.space)
    t.equal(theirs.includes(marker), doors.space.includes(actor as never), `${actor} sees what is theirs`)
    t.equal(await told(elsewhere.space), unknown, `${actor} cannot tell forbidden from unknown`)
    t.notOk(unknown.includes('entries'))
    close()
  }
})

for (const contract of inOrder(app.contracts)) {
  const fixture = fixtures[nameOf(contract)]
  if (!fixture) continue
  t.test(`${nameOf(contract)} (${contract.policy})`, async (t) => {
    for (const actor of actors) await checkCell(t, contract, fixture, actor)
    for (const id of idsOf(fixture)) await checkAlike(t, contract, fixture, id)
  })
}

/** What one of the cast is told, when everything that is asked for is there. */
async function checkCell(t: Test, contract: Endpoint, fixture: Fixture, actor: Actor): Promise<void> {
  const refusal = refusalFor(contract, fixture, actor)
  const isSuccess = refusal === undefined
  const at = isSuccess && fixture.changes ? await ownPlace(fixture, actor) : freshNonce(shared)
  const reply = await cast.ask(actor, contract, fixture.ask(at))
  if (isSuccess) {
    t.equal(reply.status, contract.reply.status, `${actor} gets it: ${reply.code ?? ''}`)
    return
  }
  t.equal(reply.code, refusal, `${actor} is refused: ${refusal}`)
  t.notOk(reply.body.includes(marker), `${actor} learns nothing by the refusal`)
}

/** Undefined: the request succeeds. First the session, then the policy, then the door, then the rule behind it. */
function refusalFor(
  { policy }: Endpoint,
  { door, refused = {} }: Fixture,
  actor: Actor,
): RefusalCode | undefined {
  if (policy !== 'public') {
    if (actor === 'anonymous') return 'auth-required'
    if (actor === 'stranger') return 'session-expired'
  }
  if (policy === 'admin' && actor !== 'owner') return 'admin-required'
  if (policy === 'member' && actor === 'guest') return 'not-found'
  const admitted: readonly Actor[] | undefined = doors[door]
  if (admitted && !admitted.includes(actor)) return 'not-found'
  return refused[actor] ?? refused.everybody
}

/**
 * "Not for you" and "not there" are the same bytes: for whoever is signed in, each id that the request names is
 * replaced by a made-up one, and by one that is there and out of their reach.
 */
async function checkAlike(t: Test, contract: Endpoint, fixture: Fixture, id: keyof Place): Promise<void> {
  // Members of the workspace know each other; only who is not one learns from a handle that it is taken.
  const asking: readonly Actor[] = id === 'handle' ? ['guest'] : (fixture.alike ?? signedIn)
  for (const actor of asking) {
    if (contract.policy === 'admin' && actor !== 'owner') continue
    const replies = await Promise.all(
      [nowhere, elsewhere].map(async (from) => {
        return await cast.ask(actor, contract, fixture.ask({ ...freshNonce(shared), [id]: from[id] }))
      }),
    )
    const [unknown, forbidden] = replies as [Reply, Reply]
    t.equal(forbidden.said, unknown.said, `${actor} cannot tell a forbidden ${id} from an unknown one`)
    if (id !== 'handle') t.ok(unknown.status >= 400, `${actor} gets nothing for a made-up ${id}`)
  }
}

/** The ids that a fixture takes from its place. */
function idsOf({ ask }: Fixture): (keyof Place)[] {
  const taken = new Set<keyof Place>()
  const watched = new Proxy(shared, {
    get(place, name: keyof Place) {
      taken.add(name)
      return place[name]
    },
  })
  ask(watched)
  return [...taken].filter((name) => name !== 'nonce' && name !== 'node')
}

async function ownPlace(fixture: Fixture, actor: Actor): Promise<Place> {
  const ids = idsOf(fixture)
  if (ids.length === 0) return freshNonce(shared)
  if (ids.every((id) => id === 'account')) return { ...freshNonce(shared), account: await newAccount(cast) }
  return await openPlace(cast, { externals: actor === 'external' })
}

function freshNonce(place: Place): Place {
  return { ...place, nonce: madeUp().nonce }
}

/** As in the table, so that what ends sessions comes last. */
function inOrder(contracts: readonly Endpoint[]): Endpoint[] {
  const names = Object.keys(fixtures)
  return contracts.toSorted((a, b) => names.indexOf(nameOf(a)) - names.indexOf(nameOf(b)))
}

function nameOf({ method, url }: Pick<Endpoint, 'method' | 'url'>): string {
  return `${method} ${url}`
}

/** Pages and documents that are the same for everybody, the stream, and what is signed by nodes (federation.test.ts). */
function isOpenToAll(name: string): boolean {
  return /^GET \/(?:$|client\/|\.well-known\/parley$|api\/(?:stream|openapi\.json|reference.*)$)|\/federation\//.test(
    name,
  )
}
