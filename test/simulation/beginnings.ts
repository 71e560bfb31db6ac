import { ask, poll } from './people.ts'
import type { SimNode, SimPerson, World } from './parts.ts'

// Where a history begins: spaces with people of every node in them, so that what follows is dense from the start.

/**
 * A group at one node and a thread at another, each with a colleague and with somebody of every other node; and a thread
 * beside the group that everybody reaches through it.
 */
export async function beginSpaces(world: World): Promise<void> {
  const [first, second] = world.nodes
  const group = await begin(world, first!, { kind: 'group', title: 'First group' })
  await begin(world, second!, { kind: 'thread', title: 'First thread' })
  await begin(world, first!, { kind: 'thread', title: 'Thread of the group', group })
}

type Beginning = { readonly kind: 'group' | 'thread'; readonly title: string; readonly group?: string }

async function begin(world: World, host: SimNode, { kind, title, group }: Beginning): Promise<string> {
  const [starter, colleague] = world.people.filter(({ node }) => node === host)
  const companies = world.nodes.map(({ id }) => id)
  const groups = group === undefined ? [] : [group]
  const body = { kind, title, people: [colleague!.handle], groups, companies }
  const reply = await ask(world, starter!, {
    method: 'POST',
    url: '/api/spaces',
    body,
    key: `begin-${kind}-${groups.length}`,
  })
  const id = said(reply)['id'] as string
  world.spaces.push({ id, kind, host, starter: starter!.handle })
  if (group !== undefined) return id
  for (const person of world.people) {
    const [first, second] = world.people.filter(({ node }) => node === person.node)
    // Of a group two of each company, so that one of them can go and the other stay.
    const comes = person === first || (person === second && kind === 'group')
    if (comes && person.node !== host) await bring(world, starter!, id, person)
  }
  return id
}

async function bring(world: World, inviter: SimPerson, space: string, guest: SimPerson): Promise<void> {
  const body = {
    to: { address: guest.address },
    role: 'member',
    history: 'all',
    companies: world.nodes.map(({ id }) => id),
  }
  said(await ask(world, inviter, { method: 'POST', url: `/api/spaces/${space}/invitations`, body }))
  let letter: string | undefined
  await poll(world, async () => {
    const reply = said(await ask(world, guest, { method: 'GET', url: '/api/invitations' }))
    const { invitations } = reply as { invitations: { id: string; space: string }[] }
    letter = invitations.find((one) => one.space === space)?.id
    return letter !== undefined
  })
  said(await ask(world, guest, { method: 'POST', url: `/api/invitations/${letter}/accept` }))
  const url = `/api/spaces/${space}/entries`
  await poll(world, async () => (await ask(world, guest, { method: 'GET', url })).status === 200)
}

/** What is said by who has to succeed. */
function said(reply: Awaited<ReturnType<typeof ask>>): Record<string, unknown> {
  if ('body' in reply && reply.status < 300) return reply.body
  throw new Error(`The world did not come to be: ${JSON.stringify(reply)}`)
}
