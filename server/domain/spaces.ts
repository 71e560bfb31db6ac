import type { MessagePost } from '#schema/event/message-post.ts'
import type { Handle, NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Space, SpaceSummary } from '#schema/space.ts'
import type { Context } from '#server/context.ts'
import { listReached } from '#server/db/access.ts'
import { findUserByHandle } from '#server/db/accounts.ts'
import { listHolding } from '#server/db/holds.ts'
import { listMembers } from '#server/db/members.ts'
import { raiseReadState } from '#server/db/read-states.ts'
import { listRecipients } from '#server/db/recipients.ts'
import { findSwitches } from '#server/db/settings.ts'
import { listNodesOf } from '#server/db/spaces.ts'
import { listWithGuests } from '#server/db/users.ts'
import { token } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { spaceForReader } from './access.ts'
import type { Actor } from './actor.ts'
import { beginElsewhere, beginSpace } from './beginnings.ts'
import { type KnownSpace, listBegunBy, spaceOrBegun } from './begun.ts'
import { gatherCompanies } from './companies.ts'
import { listSent } from './invitation-views.ts'
import { expectText, postMessage } from './messages.ts'
import { viewPeople, viewpointOf } from './people.ts'
import { expectTaken, type Wish } from './write.ts'

export async function listSpaces(
  context: Context,
  actor: Actor,
  page: { readonly limit: number; readonly before?: number | undefined },
): Promise<{ spaces: SpaceSummary[] }> {
  const now = context.clock.now()
  const reached = await listReached(context.db, actor.userId, { ...page, now })
  const begun = await listBegunBy(context, actor, page)
  const own = begun.map((row) => ({ ...row, readSeq: 0, nodes: [...row.begun.nodes] }))
  const rows: (KnownSpace & Pick<SpaceSummary, 'readSeq' | 'nodes'>)[] = [...reached, ...own]
    .toSorted((a, b) => b.headAt - a.headAt)
    .slice(0, page.limit)
  const ids = rows.map((row) => row.id)
  const withGuests = await listWithGuests(context.db, ids)
  return {
    spaces: rows.map(({ readSeq, nodes, ...row }) => {
      const external = isShared(context, actor, { ...row, nodes, hasGuests: withGuests.has(row.id) })
      return { ...basicsOf(row), readSeq, nodes, external }
    }),
  }
}

function basicsOf({ id, kind, title, host, fromSeq, headSeq, headAt, access, begun }: KnownSpace): Basics {
  const beginning = begun ? { state: begun.state, code: begun.code } : null
  return { id, kind, title, host, fromSeq, headSeq, headAt, access, beginning }
}

type Basics = Omit<SpaceSummary, 'readSeq' | 'nodes' | 'external'>

/** Has it externals in it, or does it belong to another workspace? To a guest both is true of every space. */
function isShared(
  { node }: Context,
  actor: Actor,
  space: { readonly host: NodeId; readonly nodes: readonly NodeId[]; readonly hasGuests: boolean },
): boolean {
  const isAllOurs = space.host === node && space.nodes.every((other) => other === node) && !space.hasGuests
  return actor.role === 'guest' || !isAllOurs
}

export async function getSpace(context: Context, actor: Actor, id: SpaceId): Promise<Space> {
  const row = await spaceOrBegun(context, actor, id)
  return await describeSpace(context, actor, row)
}

async function describeSpace(context: Context, actor: Actor, row: KnownSpace): Promise<Space> {
  const { db, node } = context
  const [switches, members, recipients, invitations, held] = await Promise.all([
    findSwitches(db, row.id),
    listMembers(db, row.id, limits.membersPerSpaceMax),
    row.begun?.groups ?? listRecipients(db, row.id),
    // Addresses that somebody typed, which are no business of a guest.
    actor.role === 'guest' ? [] : listSent(context, actor, row),
    listHolding(db, row.id),
  ])
  const ids = [row.id, ...recipients.map(({ groupId }) => groupId)]
  const [nodes, withGuests, people] = await Promise.all([
    listNodesOf(db, ids),
    listWithGuests(db, ids),
    viewPeople(context, viewpointOf(actor), [row.starter, ...members.map(({ userId }) => userId)]),
  ])
  // Who takes part in a thread's group is the business of the thread's host, so both have the same one.
  const companiesOf = (id: SpaceId) => {
    const space = { host: row.host, nodes: nodes.get(id) ?? [], hasGuests: withGuests.has(id) }
    return { nodes: space.nodes, external: isShared(context, actor, space) }
  }
  const own = row.begun ? { nodes: [...row.begun.nodes], external: true } : companiesOf(row.id)
  return {
    ...basicsOf(row),
    ...switches,
    ...own,
    nodes: [node, ...own.nodes.filter((other) => other !== node)],
    starter: people.get(row.starter)!,
    members: members.map(({ userId, role, history }) => ({ person: people.get(userId)!, role, history })),
    groups: recipients.map(({ groupId: id, title }) => ({ id, title, host: row.host, ...companiesOf(id) })),
    invitations,
    held,
    frozen: row.frozen,
  }
}

type Wished = {
  readonly kind: 'group' | 'thread'
  readonly title: string
  readonly people: readonly Handle[]
  readonly groups: readonly SpaceId[]
  /** Companies that the sender agrees to bring in. */
  readonly companies: readonly NodeId[]
  /** The first that is written in it. */
  readonly message?: MessagePost | undefined
  readonly idempotencyKey: string
}

/**
 * Begins a group or a thread, hosted here, with people of this workspace. A thread that addresses groups of another
 * company is hosted where they are: it waits for that company, and until its log brings it only who started it sees it.
 */
export async function createSpace(context: Context, actor: Actor, input: Wished): Promise<Space> {
  const { kind, title, groups, message, idempotencyKey } = input
  if (message) expectText(message.text)
  if (kind === 'group' && groups.length > 0) throw new Refusal('wrong-kind')
  // A guest begins threads where they were brought in, and nothing of their own.
  if (actor.role === 'guest' && groups.length === 0) throw new Refusal('guest-account')
  const host = await hostOf(context, actor, groups)
  // Only the host enters somebody, and only its own people (A16).
  if (host !== context.node && input.people.length > 0) throw new Refusal('people-elsewhere', { host })
  // A guest has no directory: whom they name is told from nobody.
  const find = async (handle: Handle) =>
    actor.role === 'guest' ? undefined : await findUserByHandle(context.db, handle)
  const people = await Promise.all(input.people.map(find))
  await gatherCompanies(context, actor, { groups, agreed: input.companies })
  if (people.some((user) => user === undefined)) throw new Refusal('not-found', { field: 'people' })
  // Who starts a thread in a group reaches it through the group, like everybody else there.
  const own = groups.length === 0 ? [actor.userId] : []
  const wish: Wish<'space.create'> = {
    type: 'space.create',
    content: {
      kind,
      features: [],
      settings: { title },
      recipients: { users: [...new Set([...own, ...people.map((user) => user!)])], groups: [...groups] },
      nonce: token(context.random, 16),
    },
    groups,
    idempotencyKey,
  }
  if (host !== context.node) {
    return await getSpace(context, actor, await beginElsewhere(context, actor, { wish, host, message }))
  }
  const spaceId = await beginSpace(context, actor, wish)
  if (message) await postMessage(context, actor, { ...message, spaceId, idempotencyKey })
  return await getSpace(context, actor, spaceId)
}

/** Where a thread that addresses these groups is hosted: where all of them are, as far as they take anything in. */
async function hostOf(context: Context, actor: Actor, groups: readonly SpaceId[]): Promise<NodeId> {
  const rows = await Promise.all(groups.map(async (id) => await spaceForReader(context, actor, id)))
  const host = rows[0]?.host ?? context.node
  for (const group of rows) {
    if (group.kind !== 'group') throw new Refusal('wrong-kind')
    if (group.host !== host) throw new Refusal('other-host', { host: group.host })
    await expectTaken(context, group)
  }
  return host
}

export async function markRead(
  context: Context,
  actor: Actor,
  input: { readonly spaceId: SpaceId; readonly seq: number },
): Promise<{ seq: number }> {
  const { headSeq } = await spaceForReader(context, actor, input.spaceId)
  const seq = Math.min(input.seq, headSeq)
  return await context.db
    .transaction()
    .execute(async (tx) => ({ seq: await raiseReadState(tx, actor.userId, input.spaceId, seq) }))
}
