import { nodeOf, type NodeSender, type UserId } from '#schema/ids.ts'
import type { Person, Profile } from '#schema/person.ts'
import type { Context } from '#server/context.ts'
import { isAcquainted } from '#server/db/acquaintance.ts'
import type { KnownPerson } from '#server/db/people.ts'
import { getUser } from '#server/db/users.ts'
import { skeletonOf } from '#server/ports/skeleton.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'

// People as somebody sees them. Who is external to whom is decided here and nowhere else.

/** From where one looks: all members of the workspace see alike, and each guest sees for themselves. */
export type Viewpoint = 'workspace' | UserId

export function viewpointOf({ role, userId }: Actor): Viewpoint {
  return role === 'guest' ? userId : 'workspace'
}

/** These people, each once. Who is looked up at the same time by others is looked up in the same statement. */
export async function viewPeople(
  context: Context,
  viewpoint: Viewpoint,
  ids: Iterable<UserId>,
): Promise<Map<UserId, Person>> {
  const people = [...new Set(ids)].map(
    async (id) => [id, viewPerson(context, viewpoint, id, await context.reads.person(id))] as const,
  )
  return new Map(await Promise.all(people))
}

export function isUser(sender: UserId | NodeSender): sender is UserId {
  return sender.startsWith('u_')
}

/** Who has not told us a name is called by the beginning of their id. */
function viewPerson(
  context: Context,
  viewpoint: Viewpoint,
  id: UserId,
  known: KnownPerson | undefined,
): Person {
  const node = nodeOf(id)
  const isOurs = node === context.node
  return {
    id,
    name: known?.name ?? id.slice(0, 10),
    node,
    external: isExternal(context, viewpoint, { id, kind: known?.kind ?? 'member' }),
    kind: known?.kind ?? 'member',
    vouched: known?.status === 'active' && (isOurs || (known.expiresAt ?? 0) > context.clock.now()),
    organisation: (isOurs ? context.config.organisation : known?.organisation) ?? null,
    // A guest who learnt it would have learnt a name of the directory.
    confusable: viewpoint === 'workspace' && known !== undefined && isConfusable(context, known),
  }
}

/**
 * To members: whoever is not one, which a guest of ours is not either. To a guest: everybody else.
 */
function isExternal(
  { node }: Context,
  viewpoint: Viewpoint,
  { id, kind }: { readonly id: UserId; readonly kind: Person['kind'] },
): boolean {
  return viewpoint === 'workspace' ? nodeOf(id) !== node || kind === 'guest' : id !== viewpoint
}

/** By its looks, the name of one of us; or it has our company in it, as in "Director (acme.example)". */
function isConfusable({ node, config }: Context, known: KnownPerson): boolean {
  if (nodeOf(known.id) === node && known.kind !== 'guest') return false
  if (known.looksLikeOurs) return true
  const words = ` ${known.skeleton?.replaceAll(/[^\p{L}\p{M}\p{N}.]+/gu, ' ') ?? ''} `
  const ours = [node, ...(config.organisation === undefined ? [] : [config.organisation])]
  return ours.some((name) =>
    words.includes(` ${skeletonOf(name).replaceAll(/[^\p{L}\p{M}\p{N}.]+/gu, ' ')} `),
  )
}

/** The card of somebody whom the actor may know. Everybody else does not exist for them. */
export async function getProfile(context: Context, actor: Actor, id: UserId): Promise<Profile> {
  const known = await context.reads.person(id)
  if (!known || !(await mayKnow(context, actor, known))) throw new Refusal('not-found')
  const { title, timeZone, statusText } = await getUser(context.db, id)
  return { ...viewPerson(context, viewpointOf(actor), id, known), title, timeZone, statusText }
}

async function mayKnow(context: Context, actor: Actor, { id, kind }: KnownPerson): Promise<boolean> {
  if (id === actor.userId) return true
  const isColleague = actor.role !== 'guest' && nodeOf(id) === context.node && kind !== 'guest'
  return isColleague || (await isAcquainted(context.db, actor.userId, id, context.clock.now()))
}
