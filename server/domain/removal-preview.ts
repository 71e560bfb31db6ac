import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { NamedSpace, PersonsLoss, RemovalPreview, Route } from '#schema/removal.ts'
import type { Context } from '#server/context.ts'
import type { ReachedSpace } from '#server/db/access.ts'
import { listRoutesAround, type RouteRow } from '#server/db/removal-previews.ts'
import { Refusal } from '#server/refusal.ts'
import { spaceForReader } from './access.ts'
import type { Actor } from './actor.ts'
import { viewPeople, viewpointOf } from './people.ts'

// What a removal would end, before it is done: read from the same routes that it will end.

export type Removing = {
  readonly spaceId: SpaceId
  readonly userId?: UserId | undefined
  readonly node?: NodeId | undefined
  readonly groupId?: SpaceId | undefined
}

export async function previewRemoval(
  context: Context,
  actor: Actor,
  input: Removing,
): Promise<RemovalPreview> {
  const { spaceId, userId, node, groupId } = input
  if ([userId, node, groupId].filter((one) => one !== undefined).length !== 1) {
    throw new Refusal('invalid-request', { field: 'userId, node or groupId' })
  }
  const space = await spaceForReader(context, actor, spaceId)
  const all = await listRoutesAround(context.db, spaceId)
  const ending = all.filter((route) => isEnded(route, input))
  if (ending.length === 0) throw new Refusal('not-found')
  const left = all.filter((route) => !ending.includes(route))
  const names = await namesOf(context, actor, space, all)
  const losers = [...new Set(ending.map((route) => route.userId))]
  const people = await viewPeople(context, viewpointOf(actor), losers)
  return {
    people: losers.map((user) => ({
      person: people.get(user)!,
      ...lossOf(user, names, { ending, left }),
    })),
    purges: space.host === context.node ? purgesOf(context.node, names, { ending, left }) : [],
  }
}

type Routes = { readonly ending: readonly RouteRow[]; readonly left: readonly RouteRow[] }
type Names = ReadonlyMap<SpaceId, NamedSpace>

/** Would this way be closed? With a membership in a group go the ways through it. */
function isEnded(route: RouteRow, { spaceId, userId, node, groupId }: Removing): boolean {
  if (groupId !== undefined) return route.spaceId === spaceId && route.groupId === groupId
  const isTheirs = userId === undefined ? route.node === node : route.userId === userId
  const isMembership = route.groupId === null && route.spaceId === spaceId
  return isTheirs && (isMembership || route.groupId === spaceId)
}

/** Only what the viewer reaches is named to them. */
async function namesOf(
  context: Context,
  actor: Actor,
  space: ReachedSpace,
  all: readonly RouteRow[],
): Promise<Names> {
  const ids = [...new Set(all.flatMap(({ spaceId, groupId }) => (groupId ? [spaceId, groupId] : [spaceId])))]
  const reached = await Promise.all(
    ids.map(async (id) =>
      id === space.id ? space : await context.reads.reached({ user: actor.userId, space: id }),
    ),
  )
  return new Map(
    reached.flatMap((row) => (row ? [[row.id, { id: row.id, kind: row.kind, title: row.title }]] : [])),
  )
}

function lossOf(user: UserId, names: Names, { ending, left }: Routes): Omit<PersonsLoss, 'person'> {
  const loses: NamedSpace[] = []
  const keeps: PersonsLoss['keeps'] = []
  for (const id of new Set(ending.filter((route) => route.userId === user).map((route) => route.spaceId))) {
    const space = names.get(id)
    if (!space) continue
    const routes = left.filter((route) => route.userId === user && route.spaceId === id)
    if (routes.length === 0) loses.push(space)
    else keeps.push({ space, routes: routes.flatMap((route) => routeOf(route, names)) })
  }
  return { loses, keeps }
}

function routeOf({ groupId }: RouteRow, names: Names): Route[] {
  if (groupId === null) return [{ through: 'membership' }]
  const group = names.get(groupId)
  return group ? [{ through: 'group', group }] : []
}

function purgesOf(ours: NodeId, names: Names, { ending, left }: Routes): RemovalPreview['purges'] {
  const nodes = [...new Set(ending.map((route) => route.node))].filter((node) => node !== ours).toSorted()
  return nodes.flatMap((node) => {
    const lost = new Set(ending.filter((route) => route.node === node).map((route) => route.spaceId))
    for (const route of left) if (route.node === node) lost.delete(route.spaceId)
    const spaces = [...lost].flatMap((id) => names.get(id) ?? [])
    return spaces.length === 0 ? [] : [{ node, spaces }]
  })
}
