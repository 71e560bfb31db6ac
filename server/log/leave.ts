import { buildEvent, type Event } from '#federation/event.ts'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Clock } from '#server/ports/clock.ts'
import { newEventId, type Random } from '#server/ports/random.ts'

type Leaving = {
  readonly host: NodeId
  readonly space: SpaceId
  readonly user: UserId
  /** Of their identity. */
  readonly version: number
}

/** The leaving of one of our users from a space of another host, on behalf of our own administrators (A7). */
export function writeLeave(
  maker: { readonly node: NodeId; readonly clock: Clock; readonly random: Random },
  { host, space, user, version }: Leaving,
): Event {
  const { node, clock, random } = maker
  return buildEvent({
    id: newEventId(clock, random),
    space,
    host,
    origin: node,
    sender: user,
    type: 'member.leave',
    content: { user, reason: 'administrator' },
    salt: random.bytes(limits.saltBytes),
    ts: clock.now(),
    idv: version,
  })
}
