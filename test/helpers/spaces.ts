import type { Network } from './network.ts'
import type { Person } from './person.ts'

// What people do in spaces, in the words of the tests.

type Beginning = {
  readonly title: string
  readonly people?: readonly Person[]
  readonly groups?: readonly string[]
}
export type SeenEntry = {
  readonly seq: number
  readonly type: string
  readonly standing: string
  readonly sender: string
  readonly content: Record<string, unknown> | null
}

export async function startThread(
  person: Person,
  { title, people = [], groups = [] }: Beginning,
): Promise<string> {
  const handles = people.map((one) => one.handle)
  const companies = groups.length === 0 ? [] : await companiesOf(person, groups)
  const body = { kind: 'thread', title, people: handles, groups, companies }
  return (await person.ok<{ id: string }>('POST', '/api/spaces', body)).id
}

export async function startGroup(person: Person, { title, people = [] }: Beginning): Promise<string> {
  const handles = people.map((one) => one.handle)
  return (await person.ok<{ id: string }>('POST', '/api/spaces', { kind: 'group', title, people: handles }))
    .id
}

export async function post(
  person: Person,
  space: string,
  text: string,
): Promise<{ state: string; id: string }> {
  return await person.ok('POST', `/api/spaces/${space}/messages`, { text })
}

export async function entriesOf(person: Person, space: string): Promise<SeenEntry[]> {
  return (await person.get<{ entries: SeenEntry[] }>(`/api/spaces/${space}/entries?limit=200`)).entries
}

/** The messages that somebody sees, in their order; undefined when the space is not to be seen. */
export async function textsOf(person: Person, space: string): Promise<string[] | undefined> {
  const answer = await person.ask('GET', `/api/spaces/${space}/entries?limit=200`)
  if (answer.status === 404) return undefined
  const { entries } = answer.body as { entries: SeenEntry[] }
  return entries.flatMap(({ type, content }) =>
    type === 'msg.post' && content ? [String(content['text'])] : [],
  )
}

type Grant = { readonly role?: string; readonly history?: unknown }

/** Invites somebody of another node; until they have the invitation. Returns its id. */
export async function inviteTo(
  net: Network,
  inviter: Person,
  space: string,
  guest: Person,
  { role = 'poster', history = 'all' }: Grant = {},
): Promise<string> {
  const { id } = await inviter.ok<{ id: string }>('POST', `/api/spaces/${space}/invitations`, {
    to: { address: guest.address },
    role,
    history,
    companies: [nodeOfAddress(guest.address)],
  })
  await net.eventually(`${guest.handle} has the invitation`, async () => {
    const { invitations } = await guest.get<{ invitations: { id: string }[] }>('/api/invitations')
    return invitations.some((invitation) => invitation.id === id)
  })
  return id
}

/** Invites somebody of another node, who accepts; until they see the space. */
export async function share(
  net: Network,
  inviter: Person,
  space: string,
  guest: Person,
  grant: Grant | string = {},
): Promise<void> {
  const wish = typeof grant === 'string' ? { role: grant } : grant
  const id = await inviteTo(net, inviter, space, guest, wish)
  await guest.ok('POST', `/api/invitations/${id}/accept`)
  await net.eventually(
    `${guest.handle} sees the space`,
    async () => (await textsOf(guest, space)) !== undefined,
  )
}

export async function eventuallySees(
  net: Network,
  person: Person,
  space: string,
  text: string,
): Promise<void> {
  await net.eventually(
    `${person.handle} sees "${text}"`,
    async () => (await textsOf(person, space))?.includes(text) ?? false,
    // Who was away for long is tried again after a pause that has grown with the time.
    10 * 60_000,
  )
}

/** The companies that these groups bring along, to be agreed to. */
async function companiesOf(person: Person, groups: readonly string[]): Promise<string[]> {
  return (await person.ok<{ coming: string[] }>('POST', '/api/companies/preview', { groups })).coming
}

function nodeOfAddress(address: string): string {
  return address.slice(address.indexOf(':') + 1)
}
