import { openSession } from '#server/domain/sessions.ts'
import { defaultPolicy } from '#schema/policy.ts'
import { insertAccount } from '#server/db/accounts.ts'
import { putPolicy } from '#server/db/policies.ts'
import { insertUser } from '#server/db/users.ts'
import { newUserId } from '#server/ports/random.ts'
import type { Fate } from './gates.ts'
import type { SimNode, SimPerson, World } from './parts.ts'

// People with sessions, who do everything through the API of their own node, over a line of their own that may fail.

/** `unknown`: no answer came, or one that says that something broke: what was asked for may have been done. */
export type Reply =
  | { readonly status: number; readonly body: Record<string, unknown> }
  | { readonly status: 'down' | 'unknown' }

export type Asking = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly url: string
  readonly body?: object
  readonly key?: string
}

const patienceMs = 30_000

export async function ask(world: World, person: SimPerson, asking: Asking): Promise<Reply> {
  const { node, handle } = person
  const { method, url, body, key } = asking
  const label = `${method} ${url.replaceAll(/[a-z]_[A-Za-z0-9_-]{20,}(@[a-z.]+)?/g, ':id').replace(/\?.*/, '')}`
  const pass = async (
    what: string,
    delay = (id: string): number => 3 * world.faults.roll(id),
  ): Promise<Fate> =>
    await world.scheduler.arrive({
      kind: 'client',
      whose: handle,
      label: `${what} ${label}`,
      delay,
      of: world,
    })
  await pass('asks')
  const life = node.life
  if (!life?.running || life.isOver) return { status: 'down' }
  const answering = life.running.app.inject({
    method,
    url,
    headers: {
      authorization: `Bearer ${person.token}`,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body ? { payload: body } : {}),
  })
  const given = new AbortController()
  const tired = world.scheduler
    .arrive({
      kind: 'nemesis',
      whose: handle,
      label: 'patience',
      delay: patienceMs,
      of: world,
      signal: given.signal,
    })
    .then(() => 'tired' as const)
  const answer = await Promise.race([answering, life.died, tired])
  given.abort()
  if (answer === 'died' || answer === 'tired') return { status: 'unknown' }
  const fate = await pass('hears')
  if (fate === 'lose') return { status: 'unknown' }
  const { statusCode: status } = answer
  if (status >= 500) {
    world.reach('answer that something broke')
    world.troubles.push({ status, label, sentence: answer.payload.slice(0, 200) })
    return { status: 'unknown' }
  }
  return { status, body: answer.payload === '' ? {} : answer.json() }
}

/** An account and a session, without a password to be hashed: nobody signs in here. */
export async function settle(world: World, node: SimNode, handle: string): Promise<SimPerson> {
  const { context } = node.life!
  const { db, random, clock } = context
  const id = newUserId(random, context.node)
  const isFirst = world.people.every((person) => person.node !== node)
  const session = await db.transaction().execute(async (tx) => {
    await insertUser(tx, { id, node: context.node, name: handle, identityVersion: 1 })
    const role = isFirst ? 'owner' : 'member'
    const account = {
      userId: id,
      handle: handle as never,
      role,
      createdAt: clock.now(),
      lastUsedAt: clock.now(),
    } as const
    await insertAccount(tx, account)
    if (isFirst) {
      const settings = { ...defaultPolicy, transitive: 'allow' } as const
      await putPolicy(tx, { scope: 'workspace', settings, changedAt: clock.now(), changedBy: id })
    }
    return await openSession(context, tx, id)
  })
  const person = { handle, node, id, address: `@${handle}:${node.id}`, token: session.token }
  world.people.push(person)
  return person
}

/** Introduction and approval on both sides, for every pair of nodes. */
export async function befriendAll(world: World): Promise<void> {
  const owner = (node: SimNode): SimPerson => world.people.find((person) => person.node === node)!
  for (const [i, a] of world.nodes.entries()) {
    for (const b of world.nodes.slice(i + 1)) {
      await ask(world, owner(a), { method: 'POST', url: '/api/peers', body: { node: b.id } })
      await poll(world, async () => (await stateOf(world, owner(b), a)) !== undefined)
      await ask(world, owner(b), { method: 'POST', url: `/api/peers/${a.id}/approve` })
      await poll(
        world,
        async () =>
          (await stateOf(world, owner(a), b)) === 'partner' &&
          (await stateOf(world, owner(b), a)) === 'partner',
      )
    }
  }
}

async function stateOf(world: World, viewer: SimPerson, node: SimNode): Promise<string | undefined> {
  const reply = await ask(world, viewer, { method: 'GET', url: '/api/peers' })
  if (reply.status !== 200) return undefined
  const { peers } = reply.body as { peers: { node: string; state: string }[] }
  return peers.find((peer) => peer.node === node.id)?.state
}

export async function poll(world: World, condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await condition()) return
    await world.scheduler.wait('world', 'poll', 100)
  }
  throw new Error('The world did not come to be.')
}
