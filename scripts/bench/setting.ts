import { setTimeout as sleep } from 'node:timers/promises'
import type { Station } from './stations.ts'

// The people and spaces that the load works with. The product's are made through its public API, as any client
// would make them.

/** Somebody who writes and watches. */
export type Person = { readonly handle: string; readonly token: string }

const password = 'correct horse battery staple'

export async function floorSpaces(host: Station, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, i) => `space-${count}-${i}-${Date.now()}`)
  for (const id of ids) await call(host, 'POST', '/api/spaces', { body: { id } })
  return ids
}

export async function followFloor(
  follower: Station,
  host: Station,
  spaces: readonly string[],
): Promise<void> {
  for (const id of spaces) {
    await call(follower, 'POST', `/api/spaces/${id}/follow`, { body: { host: host.node } })
  }
}

/** Nobody is asked who they are on a floor. */
export function floorPeople(count: number): Person[] {
  return Array.from({ length: count }, (_, i) => ({ handle: `person${i}`, token: `person${i}` }))
}

/** Signs up the owner by the link that a node prints at its first start, and others by links of the owner. */
export async function signUp(station: Station, count: number): Promise<Person[]> {
  const owner = await createAccount(station, await firstLink(station), 'person0')
  const people = [owner]
  for (let i = 1; i < count; i++) {
    const { token } = await call<{ token: string }>(station, 'POST', '/api/enrolments', { as: owner })
    people.push(await createAccount(station, token, `person${i}`))
  }
  return people
}

async function createAccount(station: Station, token: string, handle: string): Promise<Person> {
  const body = { token, handle, name: `Person ${handle}`, password }
  const { session } = await call<{ session: { token: string } }>(station, 'POST', '/api/accounts', { body })
  return { handle, token: session.token }
}

async function firstLink(station: Station): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const token = /#join=([\w-]+)/.exec(station.output())?.[1]
    if (token) return token
    await sleep(50)
  }
  throw new Error(`${station.node} has printed no link for its owner:\n${station.output()}`)
}

export async function createSpaces(
  station: Station,
  people: readonly Person[],
  count: number,
): Promise<string[]> {
  const [owner, ...others] = people
  const ids: string[] = []
  for (let i = 0; i < count; i++) {
    const body = { kind: 'group', title: `Space ${i}`, people: others.map((person) => person.handle) }
    const { id } = await call<{ id: string }>(station, 'POST', '/api/spaces', { as: owner!, body })
    ids.push(id)
  }
  return ids
}

/** Each owner asks for the other company, which says yes to it. */
export async function introduce(host: Seat, follower: Seat): Promise<void> {
  const both = [host, follower] as const
  for (const [seat, other] of [both, both.toReversed()] as (readonly [Seat, Seat])[]) {
    await call(seat.station, 'POST', '/api/peers', { as: seat.person, body: { node: other.station.node } })
  }
  for (const { station, person } of both) {
    await until('partnership', async () => {
      const { peers } = await call<{ peers: { state: string }[] }>(station, 'GET', '/api/peers', {
        as: person,
      })
      return peers.find(({ state }) => state === 'partner')
    })
  }
}

/** Somebody at their node. */
export type Seat = { readonly station: Station; readonly person: Person }

type Invitation = { readonly id: string; readonly space: string }

/** Invites a person of another node into spaces, accepts for them, and waits until they can read there. */
export async function shareSpaces(host: Seat, follower: Seat, spaces: readonly string[]): Promise<void> {
  const { station, person } = follower
  const to = { address: `@${person.handle}:${station.node}` }
  const body = { to, companies: [station.node] }
  for (const space of spaces) {
    await call(host.station, 'POST', `/api/spaces/${space}/invitations`, { as: host.person, body })
    const { id } = await until(`invitation to ${space}`, async () => {
      const path = '/api/invitations'
      const { invitations } = await call<{ invitations: Invitation[] }>(station, 'GET', path, { as: person })
      return invitations.find((invitation) => invitation.space === space)
    })
    await call(station, 'POST', `/api/invitations/${id}/accept`, { as: person })
  }
  for (const space of spaces) {
    await until(`replica of ${space}`, async () => {
      const answer = await send(station, 'GET', `/api/spaces/${space}`, { as: person })
      await answer.body?.cancel()
      return answer.ok || undefined
    })
  }
}

/** One message. */
export async function say(station: Station, person: Person, space: string, text: string): Promise<void> {
  await call(station, 'POST', `/api/spaces/${space}/messages`, { as: person, body: { text } })
}

/** The id of a person. */
export async function findUser(station: Station, person: Person): Promise<string> {
  const { id } = await call<{ id: string }>(station, 'GET', '/api/me', { as: person })
  return id
}

const patienceMs = 30_000

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += 100) {
    const found = await look()
    if (found !== undefined) return found
    await sleep(100)
  }
  throw new Error(`There is still no ${what} after ${patienceMs / 1000} s.`)
}

type Call = { readonly as?: Person; readonly body?: object }

async function call<T>(station: Station, method: string, path: string, options: Call): Promise<T> {
  const answer = await send(station, method, path, options)
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${station.node} answered ${method} ${path} with ${answer.status}: ${text}`)
  return JSON.parse(text) as T
}

let keys = 0

async function send(station: Station, method: string, path: string, { as, body }: Call): Promise<Response> {
  keys++
  return await fetch(`${station.origin}${path}`, {
    method,
    headers: {
      'idempotency-key': `bench-${keys}`,
      ...(as ? { authorization: `Bearer ${as.token}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
}
