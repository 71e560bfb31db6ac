import { pick, weighted } from './chance.ts'
import type { Act, Client } from './client.ts'
import type { SimPerson, SimSpace } from './parts.ts'
import type { Reply } from './people.ts'
import { look, lookAt, someSpace } from './reading.ts'

// What people write, and whom they let in and out. Some of it they may not do; that is refused, or is a violation.

const spacesMax = 6

export const writingActs: Readonly<Record<string, Act>> = {
  async post(client) {
    const space = someSpace(client)
    if (space !== undefined) await client.post(space, client.roll('tries') < 0.7 ? 4 : 1)
  },

  /** The same key twice at once. */
  async postTwice(client) {
    const space = someSpace(client)
    if (space === undefined) return
    const posted = await client.post(space, 1)
    await Promise.all([client.send(posted, 2), client.send(posted, 2)])
  },

  /** Something from before under its old key: a client that was not sure. */
  async repeat(client) {
    if (client.posts.length > 0) await client.send(pick(client.roll('which'), client.posts), 1)
  },

  async begin(client) {
    const { world, person } = client
    if (world.spaces.length >= spacesMax) return
    const kind = client.roll('kind') < 0.4 ? 'group' : 'thread'
    // Of any company: a thread is hosted where its group is.
    const known = world.spaces.filter((space) => space.kind === 'group' && client.known.has(space.id))
    const group =
      kind === 'thread' && known.length > 0 && client.roll('grouped') < 0.8
        ? pick(client.roll('group'), known)
        : undefined
    const groups = group ? [group.id] : []
    const title = `Space ${person.handle} ${client.step}`
    const body = { kind, title, people: [], groups, companies: world.nodes.map(({ id }) => id) }
    const reply = await client.insist({
      method: 'POST',
      url: '/api/spaces',
      body,
      key: `begin-${client.step}`,
    })
    if (reply.status !== 201 || !('body' in reply)) return
    const id = String(reply.body['id'])
    const host = group?.host ?? person.node
    world.spaces.push({ id, kind, host, starter: person.handle })
    client.known.add(id)
    if (host === person.node) return
    // It waits for its host, and what is written in it waits behind it.
    world.reach('thread started elsewhere')
    await client.post(id, 4)
  },

  async invite(client) {
    const { world, person } = client
    const space = pick(
      client.roll('space'),
      world.spaces.filter(({ host }) => host === person.node),
    )
    const strangers = world.people.filter(({ node }) => node !== person.node)
    if (!space) return
    await letIn(client, space.id, pick(client.roll('whom'), strangers))
  },

  /** Somebody who had to go is asked again. */
  async bringBack(client) {
    const { world, person } = client
    const here = world.losses.filter(({ space }) => space.host === person.node)
    if (here.length === 0) return
    const { space, subject } = pick(client.roll('who'), here)
    const whom = world.people.find(({ id }) => id === subject)!
    if (whom.node !== person.node) return await letIn(client, space.id, whom)
    const body = { handle: whom.handle }
    const url = `/api/spaces/${space.id}/members`
    await client.insist({ method: 'POST', url, body, key: `back-${client.step}` })
  },

  async answer(client) {
    const reply = await client.ask({ method: 'GET', url: '/api/invitations' })
    if (reply.status !== 200 || !('body' in reply)) return
    const { invitations } = reply.body as { invitations: { id: string; space: string; status: string }[] }
    for (const { id, space, status } of invitations) {
      if (status !== 'open') continue
      const verb = client.roll(`answer ${id}`) < 0.85 ? 'accept' : 'decline'
      const answered = await client.insist({ method: 'POST', url: `/api/invitations/${id}/${verb}` })
      client.world.invited.delete(client.person.address)
      if (verb === 'accept' && answered.status === 200) {
        client.world.reach('invitation accepted')
        if (client.world.closures.some((one) => one.space === space && one.subject === client.person.id))
          client.world.reach('came back after an end')
      }
      client.known.add(space)
      // Whoever comes looks around, from the very beginning on.
      if (verb === 'accept') await look(client, space)
    }
  },

  async leave(client) {
    const space = someSpace(client)
    if (space === undefined) return
    const reply = await client.insist({
      method: 'DELETE',
      url: `/api/spaces/${space}/members/${client.person.id}`,
    })
    if (reply.status === 200) client.world.reach('left')
    noteEnd(client, space, client.person.id, reply)
  },

  async remove(client) {
    const own = client.world.spaces.filter(({ starter }) => starter === client.person.handle)
    const space =
      own.length > 0 && client.roll('own') < 0.7 ? pick(client.roll('which'), own).id : someSpace(client)
    const view = space === undefined ? undefined : await lookAt(client, space)
    const others = view?.members.filter(({ person }) => person.id !== client.person.id) ?? []
    if (others.length === 0) return
    const whom = pick(client.roll('whom'), others).person.id
    const reply = await client.insist({ method: 'DELETE', url: `/api/spaces/${space}/members/${whom}` })
    if (reply.status === 200) client.world.reach('removed somebody')
    noteEnd(client, space!, whom, reply)
  },

  async addColleague(client) {
    const { world, person } = client
    const space = someSpace(client)
    const colleagues = world.people.filter((one) => one.node === person.node && one !== person)
    if (space === undefined || colleagues.length === 0) return
    const { handle } = pick(client.roll('whom'), colleagues)
    const url = `/api/spaces/${space}/members`
    await client.insist({ method: 'POST', url, body: { handle }, key: `add-${client.step}` })
  },

  async address(client) {
    const { world, person } = client
    const here = world.spaces.filter(({ host }) => host === person.node)
    // Mostly a group that was withdrawn: it comes back.
    const before = here.flatMap(({ id, withdrawn = [] }) => withdrawn.map((group) => ({ thread: id, group })))
    const isAgain = before.length > 0 && client.roll('again') < 0.7
    const { thread, group } = isAgain ? pick(client.roll('which'), before) : anyPair(client, here)
    if (thread === undefined || group === undefined) return
    const url = `/api/spaces/${thread}/groups`
    const reply = await client.insist({
      method: 'POST',
      url,
      body: { groupId: group, companies: world.nodes.map((node) => node.id) },
      key: `address-${client.step}`,
    })
    if (reply.status === 201) world.reach('group addressed')
  },

  async withdraw(client) {
    const space = someSpace(client)
    const view = space === undefined ? undefined : await lookAt(client, space)
    if (!view || view.groups.length === 0) return
    const { id } = pick(client.roll('group'), view.groups)
    const reply = await client.insist({ method: 'DELETE', url: `/api/spaces/${space}/groups/${id}` })
    if (reply.status !== 200) return
    client.world.reach('group withdrawn')
    const thread = client.world.spaces.find((one) => one.id === space)!
    thread.withdrawn = [...(thread.withdrawn ?? []), id]
  },
}

type Pair = { readonly thread: string | undefined; readonly group: string | undefined }

function anyPair(client: Client, here: readonly SimSpace[]): Pair {
  const one = (kind: SimSpace['kind']): string | undefined =>
    pick(
      client.roll(kind),
      here.filter((space) => space.kind === kind),
    )?.id
  return { thread: one('thread'), group: one('group') }
}

async function letIn(client: Client, space: string, { address }: SimPerson): Promise<void> {
  const { world } = client
  const role = weighted(client.roll('role'), { poster: 5, member: 3 })
  const history = client.roll('history') < 0.6 ? 'all' : 'now'
  const reply = await client.insist({
    method: 'POST',
    url: `/api/spaces/${space}/invitations`,
    body: { to: { address }, role, history, companies: world.nodes.map(({ id }) => id) },
    key: `invite-${client.step}`,
  })
  if (reply.status === 201) world.invited.add(address)
}

/** At the host an end is known from the answer on; elsewhere, from the fence on. */
function noteEnd(client: Client, space: string, subject: string, reply: Reply): void {
  const { world, person } = client
  const whose = world.spaces.find(({ id }) => id === space)
  const host = whose?.host
  if (whose && reply.status === 200) world.losses.push({ space: whose, subject, looksLeft: 3 })
  if (!('body' in reply) || reply.body['state'] !== 'accepted' || host !== person.node) return
  const fromSeq = Number(reply.body['seq'])
  world.closures.push({ node: host.id, space, subject, fromSeq, at: world.scheduler.now })
}
