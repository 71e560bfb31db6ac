import { buildEvent, type Event } from '#federation/event.ts'
import { accept, refuse } from '#federation/outcome.ts'
import type { SpaceState } from '#federation/state.ts'
import { nodeOf, type NodeId, type SpaceId, type UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { findSpace } from '#server/db/spaces.ts'
import { makeHostEvent } from '#server/log/host-event.ts'
import { newEventId } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { hostedSpace } from './access.ts'
import type { Actor } from './actor.ts'
import { auditOf } from './audit.ts'
import { writtenOf } from './write.ts'

// Acts on a space that are several events at once, all or none, and that are recorded in the same commit.

/** Ends the memberships of everybody of another company. */
export async function removeCompany(
  context: Context,
  actor: Actor,
  input: { readonly spaceId: SpaceId; readonly node: NodeId },
): Promise<{ removed: UserId[] }> {
  const { id: space } = await hostedSpace(context, actor, input.spaceId)
  if (input.node === context.node) throw new Refusal('not-found')
  const first = newEventId(context.clock, context.random)
  let removed: UserId[] = []
  const settled = await context.log.append({
    space,
    origin: context.node,
    eventId: first,
    bytes: limits.headerBytesMax,
    groups: [],
    changesState: true,
    audit: auditOf(context, actor, { act: 'space.removeCompany', subject: `${space} ${input.node}` }),
    plan: (state) => {
      removed = membersOf(state, input.node)
      if (removed.length === 0) return refuse('unknown-target')
      return accept(
        removed.map((user, i) => removal(context, actor, { space, user, id: i === 0 ? first : undefined })),
      )
    },
  })
  writtenOf(settled)
  return { removed }
}

function membersOf(state: SpaceState | undefined, node: NodeId): UserId[] {
  return [...(state?.members.keys() ?? [])].filter((user) => nodeOf(user) === node)
}

type One = { readonly space: SpaceId; readonly user: UserId; readonly id: Event['header']['id'] | undefined }

function removal(context: Context, actor: Actor, { space, user, id }: One): Event {
  return buildEvent({
    id: id ?? newEventId(context.clock, context.random),
    space,
    host: context.node,
    origin: context.node,
    sender: actor.userId,
    type: 'member.remove',
    content: { user },
    salt: context.random.bytes(limits.saltBytes),
    ts: context.clock.now(),
    idv: actor.identityVersion,
  })
}

/** Makes a space read-only for everybody, in the name of the workspace that hosts it; its administrators need not be in it. */
export async function freezeSpace(
  context: Context,
  actor: Actor,
  input: { readonly spaceId: SpaceId; readonly frozen: boolean },
): Promise<{ frozen: boolean }> {
  const row = await findSpace(context.db, input.spaceId)
  if (row?.host !== context.node) throw new Refusal('not-found')
  const { id: space } = row
  const first = newEventId(context.clock, context.random)
  const value = input.frozen ? 'yes' : 'no'
  const settled = await context.log.append({
    space,
    origin: context.node,
    eventId: first,
    bytes: limits.headerBytesMax,
    groups: [],
    changesState: true,
    audit: auditOf(context, actor, { act: input.frozen ? 'space.freeze' : 'space.unfreeze', subject: space }),
    plan: () =>
      accept([
        makeHostEvent(context, {
          space,
          type: 'space.set',
          content: { key: 'replies-off', value },
          id: first,
        }),
        makeHostEvent(context, { space, type: 'space.set', content: { key: 'locked', value } }),
      ]),
  })
  writtenOf(settled)
  return { frozen: input.frozen }
}
