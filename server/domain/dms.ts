import type { Handle, NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { nodeOf, partsOfAddress } from '#schema/ids.ts'
import type { Invitee } from '#schema/invitation.ts'
import type { Space } from '#schema/space.ts'
import type { Context } from '#server/context.ts'
import { findUserByHandle } from '#server/db/accounts.ts'
import { type Dm, listDms } from '#server/db/dms.ts'
import { isContact } from '#server/db/contacts.ts'
import { findUser } from '#server/db/users.ts'
import type { Addressee } from '#server/policy/inviting.ts'
import { token } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { spaceForReader } from './access.ts'
import type { Actor } from './actor.ts'
import { beginSpace } from './beginnings.ts'
import { agreeToCompanies, expectAllowed } from './companies.ts'
import { inviteHere } from './invitations.ts'
import { addresseeFor } from './invitees.ts'
import { getSpace } from './spaces.ts'

// Direct conversations: two to eight persons, fixed. Who is here is in it from the first entry; everybody else is
// invited into one of its places.

type Named = { readonly handle: Handle } | Invitee
type Beginning = {
  readonly people: readonly Named[]
  readonly companies: readonly NodeId[]
  readonly idempotencyKey: string
}

/** Everybody but the one who begins: colleagues by id, others as they are addressed. */
type Party = { readonly here: readonly UserId[]; readonly elsewhere: readonly Addressee[] }

const searchedMax = 200

/** Begins a direct conversation, or finds the one that these persons have already. */
export async function beginDm(context: Context, actor: Actor, input: Beginning): Promise<Space> {
  const party = await partyOf(context, actor, input.people)
  const size = 1 + party.here.length + party.elsewhere.length
  if (size < 2) throw new Refusal('invalid-request', { field: 'people' })
  const known = await findDm(context, actor, party, size)
  if (known) return await getSpace(context, actor, known)
  const coming = party.elsewhere.flatMap(({ node }) => node ?? [])
  agreeToCompanies(coming, input.companies)
  await expectAllowed(context, actor, coming)
  const id = await beginSpace(context, actor, {
    type: 'space.create',
    content: {
      kind: 'dm',
      features: [],
      settings: {},
      recipients: { users: [actor.userId, ...party.here], groups: [] },
      size,
      nonce: token(context.random, 16),
    },
    idempotencyKey: input.idempotencyKey,
  })
  const space = await spaceForReader(context, actor, id)
  for (const to of party.elsewhere) {
    await inviteHere(context, actor, { space, to, role: 'poster' }).catch((error: unknown) => {
      // The same request again, after a crash that lost our answer.
      if (!(error instanceof Refusal && error.code === 'already-invited')) throw error
    })
  }
  return await getSpace(context, actor, id)
}

async function partyOf(context: Context, actor: Actor, people: readonly Named[]): Promise<Party> {
  const here = new Set<UserId>()
  const elsewhere = new Map<string, Addressee>()
  for (const named of people) {
    const user = await findHere(context, actor, named)
    if (user !== undefined) {
      if (user !== actor.userId) here.add(user)
      continue
    }
    if ('handle' in named || 'email' in named) throw new Refusal('invalid-address')
    // A guest writes to whom they have met, and brings nobody in by an address.
    if (actor.role === 'guest' && !('user' in named)) throw new Refusal('not-found')
    const to = await addresseeFor(context, actor, { to: named, mailNode: null })
    elsewhere.set(`${to.kind} ${to.text} ${to.node}`, to)
  }
  return { here: [...here], elsewhere: [...elsewhere.values()] }
}

/** Somebody of this node, whom the actor may write to: a colleague, or who shares a space with them. */
async function findHere(context: Context, actor: Actor, named: Named): Promise<UserId | undefined> {
  const { db, node } = context
  if ('email' in named) return undefined
  if ('user' in named) {
    if (nodeOf(named.user) !== node) return undefined
    const user = await findUser(db, named.user)
    const isColleague = actor.role !== 'guest' && user?.kind === 'member'
    const mayWrite = isColleague || (await isContact(db, actor.userId, named.user))
    if (user?.status !== 'active' || !mayWrite) throw new Refusal('not-found')
    return named.user
  }
  const { handle, node: home } = 'handle' in named ? { ...named, node } : partsOfAddress(named.address)
  if (home !== node) return undefined
  // A guest has no directory: whom they name is told from nobody.
  const user = actor.role === 'guest' ? undefined : await findUserByHandle(db, handle)
  if (!user) throw new Refusal('not-found')
  return user
}

/** The dm that these persons have, if nobody of them has left it. */
async function findDm(
  context: Context,
  actor: Actor,
  { here, elsewhere }: Party,
  size: number,
): Promise<SpaceId | undefined> {
  const dms = await listDms(context.db, actor.userId, size, searchedMax)
  const isSame = ({ members, places }: Dm): boolean =>
    members.length + places.filter(({ isWaiting }) => isWaiting).length === size &&
    here.every((user) => members.includes(user)) &&
    elsewhere.every((to) => hasPlace({ members, places }, to))
  return dms.find(isSame)?.id
}

function hasPlace(
  { members, places }: Pick<Dm, 'members' | 'places'>,
  { kind, text, node }: Addressee,
): boolean {
  if (kind === 'user' && members.some((member) => member === text)) return true
  return places.some(
    (place) =>
      (place.kind === kind && place.invitee === text && place.node === node) ||
      (kind === 'user' && place.userId === text),
  )
}
