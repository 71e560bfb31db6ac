import { between, pick } from './chance.ts'
import type { Act, Client } from './client.ts'
import { Watcher } from './watcher.ts'

// What people look at, and what they must not see.

type Seen = { readonly seq: number; readonly id: string; readonly content: { readonly text?: string } | null }
type SpaceView = {
  readonly members: readonly { readonly person: { readonly id: string } }[]
  readonly groups: readonly { readonly id: string }[]
}

export const readingActs: Readonly<Record<string, Act>> = {
  async read(client) {
    const space = someSpace(client)
    if (space !== undefined) await readPage(client, space)
  },

  async list(client) {
    const asked = client.world.scheduler.now
    const reply = await client.ask({ method: 'GET', url: '/api/spaces' })
    if (reply.status !== 200 || !('body' in reply)) return
    const { spaces } = reply.body as { spaces: { id: string; headSeq: number; readSeq: number }[] }
    client.known.clear()
    for (const { id, headSeq, readSeq } of spaces) {
      client.known.add(id)
      client.head(id, headSeq)
      client.mark(id, readSeq)
      client.saw(id, asked, { headSeq, seqs: [] })
    }
  },

  async markRead(client) {
    const space = someSpace(client)
    if (space === undefined) return
    const seq = Math.floor(between(client.roll('seq'), 0, 16))
    await markAt(client, space, seq)
    // Another window of theirs is behind.
    if (client.roll('behind') < 0.4) await markAt(client, space, Math.floor(seq * client.roll('by')))
  },

  async watch(client) {
    const space = someSpace(client)
    const { world, person } = client
    const mine = world.watchers.filter((watcher) => watcher.person === person)
    if (space === undefined || mine.length >= 3 || mine.some((watcher) => watcher.space === space)) return
    const watcher = new Watcher(world, person, space)
    world.watchers.push(watcher)
    void watcher.run()
  },

  /** Somebody goes on looking at what they have lost. */
  async cling(client) {
    const loss = client.lost
    if (!loss) return
    loss.looksLeft--
    await look(client, loss.space.id)
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

async function markAt(client: Client, space: string, seq: number): Promise<void> {
  const reply = await client.ask({ method: 'PUT', url: `/api/spaces/${space}/read`, body: { seq } })
  if (reply.status === 200 && 'body' in reply) client.mark(space, Number(reply.body['seq']))
}

export function someSpace(client: Client): string | undefined {
  return client.known.size === 0 ? undefined : pick(client.roll('space'), [...client.known])
}

export async function lookAt(client: Client, space: string): Promise<SpaceView | undefined> {
  const reply = await client.ask({ method: 'GET', url: `/api/spaces/${space}` })
  return reply.status === 200 && 'body' in reply ? (reply.body as unknown as SpaceView) : undefined
}

/** Twice, with a moment between: what comes over the wire may be on its way. */
export async function look(client: Client, space: string): Promise<void> {
  await readPage(client, space, 0)
  await client.think(60)
  await readPage(client, space, 0)
}

/** A page of the log: in order, without a gap, and with what this client was told is in it. */
async function readPage(
  client: Client,
  space: string,
  after = Math.floor(between(client.roll('after'), 0, 8)),
): Promise<void> {
  const told = client.posts.filter((posted) => posted.space === space && posted.accepted)
  const asked = client.world.scheduler.now
  const reply = await client.ask({
    method: 'GET',
    url: `/api/spaces/${space}/entries?after=${after}&limit=200`,
  })
  if (reply.status !== 200 || !('body' in reply)) return
  const { entries, fromSeq, headSeq } = reply.body as unknown as {
    entries: Seen[]
    fromSeq: number
    headSeq: number
  }
  client.saw(space, asked, { headSeq, seqs: entries.map(({ seq }) => seq) })
  client.head(space, headSeq)
  const first = entries[0]?.seq ?? after + 1
  const isInOrder = first > after && entries.every(({ seq }, i) => seq === first + i)
  if (!isInOrder)
    client.fault('I-07', `a page of ${space} after ${after}: ${entries.map(({ seq }) => seq).join(' ')}`)
  for (const { accepted } of told) {
    const { id, seq } = accepted!
    if (seq <= after || seq < fromSeq || seq > after + 200) continue
    if (entries.find((entry) => entry.seq === seq)?.id !== id) {
      client.fault('I-19', `${client.person.handle} was told of ${seq} in ${space} and does not see it`)
    }
  }
}
