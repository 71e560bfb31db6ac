import { between, pick, weighted } from './chance.ts'
import type { Client } from './client.ts'
import { Watcher } from './watcher.ts'

// What people do, densely: few spaces, many at once. Some of it they may not do; that is refused, or is a violation.

type Act = (client: Client) => Promise<void>
export type Weights = Readonly<Record<string, number>>

type Seen = { readonly seq: number; readonly id: string; readonly content: { readonly text?: string } | null }
type SpaceView = {
  readonly members: readonly { readonly person: { readonly id: string } }[]
  readonly groups: readonly { readonly id: string }[]
}

export const spacesMax = 5

const acts: Readonly<Record<string, Act>> = {
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
    const here = world.spaces.filter((space) => space.host === person.node && space.kind === 'group')
    const groups =
      kind === 'thread' && here.length > 0 && client.roll('grouped') < 0.6
        ? [pick(client.roll('group'), here).id]
        : []
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
    world.spaces.push({ id, kind, host: person.node })
    client.known.add(id)
  },

  async invite(client) {
    const { world, person } = client
    const space = pick(
      client.roll('space'),
      world.spaces.filter(({ host }) => host === person.node),
    )
    const strangers = world.people.filter(({ node }) => node !== person.node)
    if (!space) return
    const address = pick(client.roll('whom'), strangers).address
    const role = client.roll('role') < 0.7 ? 'poster' : 'member'
    await client.insist({
      method: 'POST',
      url: `/api/spaces/${space.id}/invitations`,
      body: { to: { address }, role, history: 'all', companies: world.nodes.map(({ id }) => id) },
      key: `invite-${client.step}`,
    })
  },

  async answer(client) {
    const reply = await client.ask({ method: 'GET', url: '/api/invitations' })
    if (reply.status !== 200 || !('body' in reply)) return
    const { invitations } = reply.body as { invitations: { id: string; space: string; status: string }[] }
    for (const { id, space, status } of invitations) {
      if (status !== 'open') continue
      const verb = client.roll(`answer ${id}`) < 0.85 ? 'accept' : 'decline'
      const answered = await client.insist({ method: 'POST', url: `/api/invitations/${id}/${verb}` })
      if (verb === 'accept' && answered.status === 200) client.world.reach('invitation accepted')
      client.known.add(space)
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
  },

  async remove(client) {
    const space = someSpace(client)
    const view = space === undefined ? undefined : await lookAt(client, space)
    const others = view?.members.filter(({ person }) => person.id !== client.person.id) ?? []
    if (others.length === 0) return
    const whom = pick(client.roll('whom'), others).person.id
    const reply = await client.insist({ method: 'DELETE', url: `/api/spaces/${space}/members/${whom}` })
    if (reply.status === 200) client.world.reach('removed somebody')
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
    const thread = pick(
      client.roll('thread'),
      here.filter(({ kind }) => kind === 'thread'),
    )
    const group = pick(
      client.roll('group'),
      here.filter(({ kind }) => kind === 'group'),
    )
    if (!thread || !group) return
    const url = `/api/spaces/${thread.id}/groups`
    const reply = await client.insist({
      method: 'POST',
      url,
      body: { groupId: group.id, companies: world.nodes.map((node) => node.id) },
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
    if (reply.status === 200) client.world.reach('group withdrawn')
  },

  async read(client) {
    const space = someSpace(client)
    if (space !== undefined) await readPage(client, space)
  },

  async list(client) {
    const reply = await client.ask({ method: 'GET', url: '/api/spaces' })
    if (reply.status !== 200 || !('body' in reply)) return
    const { spaces } = reply.body as { spaces: { id: string; headSeq: number; readSeq: number }[] }
    client.known.clear()
    for (const { id, headSeq, readSeq } of spaces) {
      client.known.add(id)
      client.head(id, headSeq)
      client.mark(id, readSeq)
    }
  },

  async markRead(client) {
    const space = someSpace(client)
    if (space === undefined) return
    const seq = Math.floor(between(client.roll('seq'), 0, 30))
    const reply = await client.ask({ method: 'PUT', url: `/api/spaces/${space}/read`, body: { seq } })
    if (reply.status === 200 && 'body' in reply) client.mark(space, Number(reply.body['seq']))
  },

  async watch(client) {
    const space = someSpace(client)
    const { world, person } = client
    const mine = world.watchers.filter((watcher) => watcher.person === person)
    if (space === undefined || mine.length >= 2 || mine.some((watcher) => watcher.space === space)) return
    const watcher = new Watcher(world, person, space)
    world.watchers.push(watcher)
    void watcher.run()
  },

  /** Somebody tries what is not theirs. */
  async intrude(client) {
    const all = client.world.spaces.filter(({ id }) => !client.known.has(id))
    if (all.length === 0) return
    const { id } = pick(client.roll('space'), all)
    if (client.roll('how') < 0.5) await readPage(client, id)
    else await client.post(id, 1)
  },
}

function someSpace(client: Client): string | undefined {
  return client.known.size === 0 ? undefined : pick(client.roll('space'), [...client.known])
}

async function lookAt(client: Client, space: string): Promise<SpaceView | undefined> {
  const reply = await client.ask({ method: 'GET', url: `/api/spaces/${space}` })
  return reply.status === 200 && 'body' in reply ? (reply.body as unknown as SpaceView) : undefined
}

/** A page of the log: in order, without a gap, and with what this client was told is in it. */
async function readPage(client: Client, space: string): Promise<void> {
  const told = client.posts.filter((posted) => posted.space === space && posted.accepted)
  const after = Math.floor(between(client.roll('after'), 0, 8))
  const reply = await client.ask({
    method: 'GET',
    url: `/api/spaces/${space}/entries?after=${after}&limit=200`,
  })
  if (reply.status !== 200 || !('body' in reply)) return
  client.read.add(space)
  const { entries, headSeq } = reply.body as unknown as { entries: Seen[]; headSeq: number }
  client.head(space, headSeq)
  const first = entries[0]?.seq ?? after + 1
  const isInOrder = first > after && entries.every(({ seq }, i) => seq === first + i)
  if (!isInOrder)
    client.fault('I-07', `a page of ${space} after ${after}: ${entries.map(({ seq }) => seq).join(' ')}`)
  for (const { accepted } of told) {
    const { id, seq } = accepted!
    if (seq <= after || seq > after + 200) continue
    if (entries.find((entry) => entry.seq === seq)?.id !== id) {
      client.fault('I-19', `${client.person.handle} was told of ${seq} in ${space} and does not see it`)
    }
  }
}

export const weights: Weights = {
  post: 30,
  postTwice: 4,
  repeat: 4,
  begin: 4,
  invite: 9,
  answer: 9,
  leave: 1.5,
  remove: 3,
  addColleague: 2,
  address: 3,
  withdraw: 1.5,
  read: 6,
  list: 8,
  markRead: 3,
  watch: 3,
  intrude: 9,
}

/** One person at work, until the history heals. */
export async function work(
  client: Client,
  { steps, pause }: { readonly steps: number; readonly pause: number },
): Promise<void> {
  const { world } = client
  const drawn = Object.fromEntries(
    Object.entries(weights).map(([act, weight]) => [
      act,
      weight * between(world.faults.roll(`weight ${act}`), 0.3, 2),
    ]),
  )
  await acts['list']!(client)
  for (client.step = 1; client.step <= steps && !world.isCalm; client.step++) {
    await client.think(pause)
    if (world.isCalm) return
    const act = weighted(client.roll('act'), drawn)
    await acts[act]!(client)
    world.acts++
  }
}
