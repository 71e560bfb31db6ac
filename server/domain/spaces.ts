import { type Event, readEvent } from '#federation/event.ts'
import type { Role } from '#schema/event/shared.ts'
import type { Handle, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Space, SpaceSummary } from '#schema/space.ts'
import type { Context } from '#server/context.ts'
import { listReached, type ReachedSpace } from '#server/db/access.ts'
import { findUserByHandle } from '#server/db/accounts.ts'
import { storeOnce } from '#server/db/beginnings.ts'
import { listOpenInvites } from '#server/db/invites.ts'
import { listMembers } from '#server/db/members.ts'
import { raiseReadState } from '#server/db/read-states.ts'
import { listRecipients } from '#server/db/recipients.ts'
import { listNodes } from '#server/db/spaces.ts'
import { token } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { spaceForReader } from './access.ts'
import type { Actor } from './actor.ts'
import { personOf } from './people.ts'
import { append, eventOf, requestHashOf, writtenOf, type Wish } from './write.ts'

export async function listSpaces(
  context: Context,
  actor: Actor,
  page: { readonly limit: number; readonly before?: number | undefined },
): Promise<{ spaces: SpaceSummary[] }> {
  const rows = await listReached(context.db, actor.userId, page)
  return { spaces: rows.map(({ readSeq, nodes, ...row }) => ({ ...basicsOf(row), readSeq, nodes })) }
}

function basicsOf({
  id,
  kind,
  title,
  host,
  fromSeq,
  headSeq,
  headAt,
}: ReachedSpace): Omit<SpaceSummary, 'readSeq' | 'nodes'> {
  return { id, kind, title, host, fromSeq, headSeq, headAt }
}

export async function getSpace(context: Context, actor: Actor, id: SpaceId): Promise<Space> {
  const row = await spaceForReader(context, actor, id)
  return await describeSpace(context, row)
}

async function describeSpace(context: Context, row: ReachedSpace): Promise<Space> {
  const { db } = context
  const [members, recipients, nodes, invites] = await Promise.all([
    listMembers(db, row.id, limits.membersPerSpaceMax),
    listRecipients(db, row.id),
    listNodes(db, row.id, context.node),
    listOpenInvites(db, row.id),
  ])
  return {
    ...basicsOf(row),
    starter: row.starter,
    members: members.map(({ userId, name, role, history }) => ({
      person: personOf(context, userId, name),
      role,
      history,
    })),
    groups: recipients.map(({ groupId, title }) => ({ id: groupId, title })),
    nodes: [context.node, ...nodes],
    invitations: invites.map(({ jti, invitee, node, role, expiresAt }) => ({
      id: jti,
      invitee,
      node,
      role: role satisfies Role,
      expiresAt,
    })),
  }
}

type Beginning = {
  readonly kind: 'group' | 'thread'
  readonly title: string
  readonly people: readonly Handle[]
  readonly groups: readonly SpaceId[]
  readonly idempotencyKey: string
}

/** Begins a group or a thread, hosted here, with people of this workspace. */
export async function createSpace(context: Context, actor: Actor, input: Beginning): Promise<Space> {
  const { kind, title, groups } = input
  if (kind === 'group' && groups.length > 0) throw new Refusal('wrong-kind')
  for (const id of groups) {
    const group = await spaceForReader(context, actor, id)
    if (group.kind !== 'group') throw new Refusal('wrong-kind')
    if (group.host !== context.node) throw new Refusal('other-host', { host: group.host })
  }
  // A guest has no directory: whom they name is told from nobody.
  const find = async (handle: Handle) =>
    actor.role === 'guest' ? undefined : await findUserByHandle(context.db, handle)
  const people = await Promise.all(input.people.map(find))
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
    idempotencyKey: input.idempotencyKey,
  }
  const event = await storeBeginning(context, actor, wish)
  writtenOf(await append(context, actor, event, { type: wish.type, content: wish.content, groups }))
  return await getSpace(context, actor, `s_${event.hash}` as SpaceId)
}

/**
 * Stores the genesis under its idempotency key, or finds the one that is there: the same event appended twice is
 * one space.
 */
async function storeBeginning(context: Context, actor: Actor, wish: Wish<'space.create'>): Promise<Event> {
  const event = eventOf(context, actor, { id: null, host: context.node }, wish)
  const requestHash = requestHashOf(wish)
  const { header, salt, content } = event.wire
  const stored = await context.db.transaction().execute(
    async (tx) =>
      await storeOnce(tx, {
        sender: actor.userId,
        idempotencyKey: wish.idempotencyKey!,
        requestHash,
        header,
        salt: salt!,
        content: content!,
        createdAt: context.clock.now(),
      }),
  )
  if (stored.requestHash !== requestHash) throw new Refusal('idempotency-conflict')
  const read = readEvent({ header: stored.header, salt: stored.salt, content: stored.content })
  if (!read.ok) throw new Error(`A stored genesis is not one: ${read.code}.`)
  return read.value
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
