import { setTimeout as sleep } from 'node:timers/promises'
import { ask, type Question } from './demo/ask.ts'
import type { DemoNode } from './demo/nodes.ts'

// The people of the demo and what they have in common, made through the API that everybody uses.

/** Of everybody in the demo, which nobody reaches from outside this machine. */
export const password = 'parley-demo'

type Seeded = DemoNode & { readonly ownerLink: string }
type Person = { readonly id: string; readonly node: DemoNode; readonly token: string; readonly name: string }
type Space = { readonly id: string }

export async function seed(
  [acme, globex]: readonly Seeded[],
  say: (sentence: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const [[alice, anna], [bob, bea]] = await Promise.all([
    populate(acme!, 'alice', 'anna'),
    populate(globex!, 'bob', 'bea'),
  ])
  say('Alice and Anna are at Acme, Bob and Bea at Globex.')
  await introduce(alice, bob, signal)
  say('The companies have been introduced, and both have approved.')

  const plan = await begin(alice, { kind: 'thread', title: 'Launch plan', people: ['anna'] })
  await bring(alice, bob, plan, signal)
  await tell(plan, signal, [
    [alice, 'Welcome, Bob! This thread is on our server, and a copy of it is on yours.'],
    [bob, 'Hello from Globex. I write here as if it were my own.'],
    [anna, 'Shall we say Thursday for the launch?'],
    [bob, 'Thursday works. I bring Bea in when you invite her.'],
  ])
  await post(alice, '/invitations', plan, { to: { address: '@bea:globex.localhost' } })
  say('Alice, Anna and Bob share a thread; Bea is invited to it.')

  const team = await begin(alice, { kind: 'group', title: 'Launch team', people: ['anna'] })
  await Promise.all([bring(alice, bob, team, signal), bring(alice, bea, team, signal)])
  await tell(team, signal, [
    [alice, 'A group for everybody who works on the launch, at both companies.'],
    [bea, 'Good to be here.'],
  ])
  const press = await begin(anna, {
    kind: 'thread',
    title: 'Press release',
    groups: [team.id],
    companies: [bob.node.id],
  })
  await reaches(bea, press, signal)
  await tell(press, signal, [
    [anna, 'This thread addresses the group, so who joins the group reads it too.'],
    [bea, 'I will send a first draft tomorrow.'],
  ])
  say('The group "Launch team" is shared, with a thread that addresses it.')

  const budget = await begin(alice, { kind: 'group', title: 'Budget', people: ['anna'] })
  await tell(budget, signal, [[anna, 'Only Acme reads this. Nothing of it ever goes to Globex.']])
  say('The group "Budget" stays at Acme.')
}

async function populate(node: Seeded, owner: string, member: string): Promise<[Person, Person]> {
  const token = node.ownerLink.split('#join=')[1]!
  const first = await join(node, owner, token)
  const enrolment = await get<{ token: string }>(first, { method: 'POST', path: '/api/enrolments' })
  return [first, await join(node, member, enrolment.token)]
}

async function join(node: DemoNode, handle: string, token: string): Promise<Person> {
  const name = handle[0]!.toUpperCase() + handle.slice(1)
  const body = { token, handle, name, password }
  const nobody = { node, token: undefined }
  const joined = await get<{ user: { id: string }; session: { token: string } }>(nobody, {
    method: 'POST',
    path: '/api/accounts',
    body,
  })
  return { id: joined.user.id, node, token: joined.session.token, name }
}

/** Each owner asks for the other company, which says yes to it. */
async function introduce(alice: Person, bob: Person, signal: AbortSignal): Promise<void> {
  for (const [owner, other] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    await get(owner, { method: 'POST', path: '/api/peers', body: { node: other.node.id } })
  }
  for (const owner of [alice, bob]) {
    await until(signal, `${owner.node.id} and its partner`, async () => {
      const { peers } = await get<{ peers: { state: string }[] }>(owner, {
        method: 'GET',
        path: '/api/peers',
      })
      return peers.some(({ state }) => state === 'partner')
    })
  }
}

async function begin(
  person: Person,
  what: {
    kind: 'group' | 'thread'
    title: string
    people?: string[]
    groups?: string[]
    /** The other companies that a group brings in. */
    companies?: string[]
  },
): Promise<Space> {
  return await get<Space>(person, { method: 'POST', path: '/api/spaces', key: newKey(), body: what })
}

/** Invites somebody of the other company, who accepts and is let in. */
async function bring(host: Person, guest: Person, space: Space, signal: AbortSignal): Promise<void> {
  const address = `@${guest.name.toLowerCase()}:${guest.node.id}`
  await post(host, '/invitations', space, { to: { address }, companies: [guest.node.id] })
  await until(signal, `the invitation of ${address}`, async () => {
    const path = '/api/invitations'
    const { invitations } = await get<{ invitations: { id: string; space: string }[] }>(guest, {
      method: 'GET',
      path,
    })
    const invitation = invitations.find((one) => one.space === space.id)
    if (!invitation) return false
    await get(guest, { method: 'POST', path: `${path}/${invitation.id}/accept` })
    return true
  })
  await reaches(guest, space, signal)
}

async function reaches(person: Person, space: Space, signal: AbortSignal): Promise<void> {
  await until(signal, `${person.name} in a space`, async () => {
    const { status } = await ask(person.node, {
      method: 'GET',
      path: `/api/spaces/${space.id}`,
      token: person.token,
    })
    return status === 200
  })
}

/** Messages in the order they are told, which the host settles: so each waits for the one before. */
async function tell(
  space: Space,
  signal: AbortSignal,
  lines: readonly (readonly [Person, string])[],
): Promise<void> {
  for (const [person, text] of lines) {
    const { id } = await post<{ id: string }>(person, '/messages', space, { text, fmt: 'plain' })
    await until(signal, `a message of ${person.name}`, async () => {
      const path = `/api/spaces/${space.id}/entries?limit=200`
      const { entries } = await get<{ entries: { id: string }[] }>(person, { method: 'GET', path })
      return entries.some((entry) => entry.id === id)
    })
  }
}

async function post<T>(person: Person, what: string, space: Space, body: unknown): Promise<T> {
  return await get<T>(person, { method: 'POST', path: `/api/spaces/${space.id}${what}`, key: newKey(), body })
}

async function get<T>(
  who: { readonly node: DemoNode; readonly token: string | undefined },
  question: Question,
): Promise<T> {
  const { token } = who
  const { status, body } = await ask(who.node, { ...question, ...(token === undefined ? {} : { token }) })
  if (status < 300) return body as T
  const { detail } = (body ?? {}) as { detail?: string }
  throw new Error(
    `${who.node.id} answered ${question.method} ${question.path} with ${status}: ${detail ?? ''}`,
  )
}

const pollMs = 50
const patienceMs = 30_000

async function until(signal: AbortSignal, what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let waitedMs = 0; !(await isSo()); waitedMs += pollMs) {
    signal.throwIfAborted()
    if (waitedMs > patienceMs) throw new Error(`The demo waited too long for ${what}.`)
    await sleep(pollMs)
  }
}

let keys = 0

function newKey(): string {
  return `seed-${++keys}`
}
