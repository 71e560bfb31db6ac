import { buildEvent, type Event } from '#federation/event.ts'
import { hasOtherMemberOf, type SpaceState } from '#federation/state.ts'
import type { ContentOf, EventType } from '#schema/event/types.ts'
import { nodeOf, nodeSender, type EventId, type NodeId, type SpaceId, type UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Clock } from '#server/ports/clock.ts'
import { newEventId, type Random } from '#server/ports/random.ts'

type Maker = { readonly node: NodeId; readonly clock: Clock; readonly random: Random }
type What<T extends EventType> = {
  readonly space: SpaceId
  readonly type: T
  readonly content: ContentOf<T>
  readonly id?: EventId
}

/** An event that the host makes in its own name (A7). */
export function makeHostEvent<T extends EventType>(
  maker: Maker,
  { space, type, content, id }: What<T>,
): Event {
  const { node, clock, random } = maker
  return buildEvent({
    id: id ?? newEventId(clock, random),
    space,
    host: node,
    origin: node,
    sender: nodeSender(node),
    type,
    content,
    salt: random.bytes(limits.saltBytes),
    ts: clock.now(),
    idv: 0,
  })
}

/** What the host has to say after an event: a company whose last member went takes part no longer. */
export function aftermathOf(maker: Maker, state: SpaceState, event: Event): Event | undefined {
  const { type } = event.header
  if (type !== 'member.leave' && type !== 'member.remove') return undefined
  const node = nodeOf((event.content as { user: UserId }).user)
  if (!state.nodes.has(node) || hasOtherMemberOf(state, node)) return undefined
  return makeHostEvent(maker, { space: state.id, type: 'node.remove', content: { node } })
}
