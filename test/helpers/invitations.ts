import type { Network } from './network.ts'
import type { Person } from './person.ts'

// What people and administrators do with invitations, in the words of the tests.

export type Shown = {
  readonly id: string
  readonly space: string
  readonly status: string
  readonly roster: string[]
  readonly expiresAt: number
}
export type Sent = {
  readonly id: string
  readonly status: string
  readonly invitee: string
  readonly code: string | null
}

/** Begins an invitation, and answers what comes back. */
export async function invite(
  inviter: Person,
  space: string,
  to: object,
  more: { readonly role?: string; readonly companies?: string[] } = {},
): Promise<Sent> {
  return await inviter.ok<Sent>('POST', `/api/spaces/${space}/invitations`, { to, ...more })
}

export async function invitationsOf(person: Person): Promise<Shown[]> {
  return (await person.get<{ invitations: Shown[] }>('/api/invitations')).invitations
}

/** What waits into a space, as its members see it. */
export async function sentInto(person: Person, space: string): Promise<Sent[]> {
  return (await person.get<{ invitations: Sent[] }>(`/api/spaces/${space}`)).invitations
}

export async function eventuallyInvited(net: Network, person: Person, space: string): Promise<Shown> {
  let found: Shown | undefined
  await net.eventually(`${person.handle} has the invitation`, async () => {
    found = (await invitationsOf(person)).find((one) => one.space === space)
    return found !== undefined
  })
  return found!
}

/** Changes some of what a workspace allows. */
export async function allow(owner: Person, changes: object): Promise<void> {
  await owner.ok('PUT', '/api/policies', { ...(await owner.get<object>('/api/policies')), ...changes })
}

export type Waiting = {
  readonly id: string
  readonly what: string
  readonly rule: string
  readonly [key: string]: unknown
}

export async function approvalsOf(owner: Person): Promise<Waiting[]> {
  return (await owner.get<{ approvals: Waiting[] }>('/api/approvals')).approvals
}

export async function eventuallyWaits(net: Network, owner: Person, what: string): Promise<Waiting> {
  let found: Waiting | undefined
  await net.eventually(`something ${what} waits for ${owner.handle}`, async () => {
    found = (await approvalsOf(owner)).find((one) => one.what === what)
    return found !== undefined
  })
  return found!
}

export type Decided = {
  readonly kind: string
  readonly verdict: string
  readonly rule: string
  readonly facts: Record<string, unknown>
  readonly actor: { readonly id: string } | null
  readonly peer: string | null
  readonly spaceId: string | null
}

export async function decisionsOf(owner: Person, kind: string): Promise<Decided[]> {
  return (await owner.get<{ decisions: Decided[] }>(`/api/decisions?kind=${kind}`)).decisions
}

/** The code of a refusal. */
export async function refusalOf(
  person: Person,
  request: readonly ['GET' | 'POST' | 'PUT' | 'DELETE', string, unknown?],
): Promise<string | undefined> {
  const { body } = await person.ask(...request)
  return (body['type'] as string | undefined)?.split(':').at(-1)
}
