import type { z } from 'zod'
import { MemberInvite } from './member-invite.ts'
import { MemberJoin } from './member-join.ts'
import { MemberLeave } from './member-leave.ts'
import { MemberRemove } from './member-remove.ts'
import { MemberRole } from './member-role.ts'
import { MemberUninvite } from './member-uninvite.ts'
import { MessagePost } from './message-post.ts'
import { NodeAdd } from './node-add.ts'
import { NodeRemove } from './node-remove.ts'
import { RecipientAdd } from './recipient-add.ts'
import { RecipientRemove } from './recipient-remove.ts'
import { SpaceCreate } from './space-create.ts'
import { SpaceReanchor } from './space-reanchor.ts'
import { SpaceSet } from './space-set.ts'

// The table of event types: the shape of the content, and whether it changes the space's state. State
// is replicated exactly, stands in the state digest and is never erased; timeline events are what people read.

export const eventTypes = {
  'space.create': { shape: SpaceCreate, state: true },
  'space.set': { shape: SpaceSet, state: true },
  'space.reanchor': { shape: SpaceReanchor, state: true },
  'node.add': { shape: NodeAdd, state: true },
  'node.remove': { shape: NodeRemove, state: true },
  'member.invite': { shape: MemberInvite, state: true },
  'member.uninvite': { shape: MemberUninvite, state: true },
  'member.join': { shape: MemberJoin, state: true },
  'member.leave': { shape: MemberLeave, state: true },
  'member.remove': { shape: MemberRemove, state: true },
  'member.role': { shape: MemberRole, state: true },
  'recipient.add': { shape: RecipientAdd, state: true },
  'recipient.remove': { shape: RecipientRemove, state: true },
  'msg.post': { shape: MessagePost, state: false },
} as const

export type EventType = keyof typeof eventTypes
/** The types that change state. */
export type StateType = {
  [T in EventType]: (typeof eventTypes)[T]['state'] extends true ? T : never
}[EventType]
export type ContentOf<T extends EventType> = z.output<(typeof eventTypes)[T]['shape']>

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventTypes, type)
}

/** Types that begin like a state type are state, known or not: a node that does not know one must not guess. */
export function isStateType(type: string): boolean {
  return isEventType(type) ? eventTypes[type].state : /^(?:space|node|member|recipient)\./.test(type)
}
