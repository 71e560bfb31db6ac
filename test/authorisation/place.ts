import { randomBytes } from 'node:crypto'
import type { Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { post, share, startGroup, startThread } from '../helpers/spaces.ts'
import type { Cast } from './cast.ts'

// What is asked for: the ids that a request may name. A real place, one with made-up ids, and one that is there and
// that nobody of the cast reaches.

export type Place = {
  /** A thread, addressed to `group`. */
  readonly space: string
  readonly group: string
  /** A group that the thread does not address, with the same members. */
  readonly otherGroup: string
  /** Somebody who takes part. */
  readonly user: string
  /** Somebody with an account at acme. */
  readonly account: string
  /** The handle of somebody who may be added. */
  readonly handle: string
  /** An invitation that waits for the answer of the external. */
  readonly invite: string
  /** Another company, which takes part in nothing. */
  readonly node: string
  /** Something of the actor's own, in every place. */
  readonly nonce: string
}

export const marker = 'Marker of the matrix'

/** A thread and two groups with everybody who takes part; with people of globex where they are needed. */
export async function openPlace(cast: Cast, { externals }: { readonly externals: boolean }): Promise<Place> {
  const { net, people } = cast
  const { admin, member, guest, removed, external, formerExternal } = people
  const group = await startGroup(admin, { title: `${marker} group`, people: [removed] })
  const otherGroup = await startGroup(admin, { title: `${marker} other`, people: [removed] })
  const space = await startThread(admin, {
    title: `${marker} thread`,
    people: [admin, removed],
    groups: [group],
  })
  for (const each of [space, group, otherGroup]) {
    await add(admin, each, member, 'member')
    await add(admin, each, guest, 'poster')
    await post(admin, each, `${marker} text`)
    await admin.ok('DELETE', `/api/spaces/${each}/members/${removed.id}`)
    if (!externals) continue
    await share(net, admin, each, external)
    await share(net, admin, each, formerExternal)
    await admin.ok('DELETE', `/api/spaces/${each}/members/${formerExternal.id}`)
  }
  const invite = externals ? await inviteTo(net, admin, external) : madeUp().invite
  return {
    space,
    group,
    otherGroup,
    user: member.id,
    account: await newAccount(cast),
    handle: people.other.handle,
    invite,
    node: 'initech.test',
    nonce: randomBytes(6).toString('hex'),
  }
}

/** Ids that are well formed, and nobody's. */
export function madeUp(): Place {
  return {
    space: `s_${hash()}`,
    group: `s_${hash()}`,
    otherGroup: `s_${hash()}`,
    user: `u_${randomBytes(26)
      .toString('hex')
      .replaceAll(/[0189]/g, 'x')
      .slice(0, 26)}@acme.test`,
    account: `u_${'a'.repeat(26)}@acme.test`,
    handle: 'nobody-has-this',
    invite: randomBytes(16).toString('base64url'),
    node: 'nobody.test',
    nonce: randomBytes(6).toString('hex'),
  }
}

/** Ids of what is there, and none of the cast may know of. */
export async function openElsewhere(cast: Cast): Promise<Place> {
  const { net, hermit, hermitAbroad } = cast
  return {
    ...madeUp(),
    space: await startThread(hermit, { title: `${marker} elsewhere` }),
    group: await startGroup(hermit, { title: `${marker} elsewhere` }),
    otherGroup: await startGroup(hermit, { title: `${marker} elsewhere` }),
    user: hermit.id,
    account: hermitAbroad.id,
    handle: hermit.handle,
    invite: await inviteTo(net, hermit, hermitAbroad),
    node: 'initech.test',
  }
}

function hash(): string {
  return randomBytes(32).toString('base64url')
}

async function add(admin: Person, space: string, { handle }: Person, role: string): Promise<void> {
  await admin.ok('POST', `/api/spaces/${space}/members`, { handle, role })
}

/** An invitation to a thread of its own. */
async function inviteTo(net: Network, inviter: Person, invitee: Person): Promise<string> {
  const thread = await startThread(inviter, { title: `${marker} invitation` })
  const { id } = await inviter.ok<{ id: string }>('POST', `/api/spaces/${thread}/invitations`, {
    to: { address: invitee.address },
    companies: [invitee.address.slice(invitee.address.indexOf(':') + 1)],
  })
  await net.eventually(`${invitee.handle} has the invitation`, async () => {
    const { invitations } = await invitee.get<{ invitations: { id: string }[] }>('/api/invitations')
    return invitations.some((invitation) => invitation.id === id)
  })
  return id
}

/** Of somebody at acme who takes part in nothing. */
export async function newAccount({ net }: Cast): Promise<string> {
  return (await net.person(`p${randomBytes(6).toString('hex')}`, 'acme')).id
}
