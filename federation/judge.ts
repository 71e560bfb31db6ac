import type { SpaceCreate } from '#schema/event/space-create.ts'
import { isEventType, isStateType } from '#schema/event/types.ts'
import { nodeOf, type UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { RefusalCode } from '#schema/refusal.ts'
import type { Event } from './event.ts'
import { type Audience, standingOf } from './reach.ts'
import type { Rule } from './rules/rule.ts'
import { begin, mayCreate } from './rules/space-create.ts'
import { rules } from './rules/table.ts'
import type { SpaceState, Step } from './state.ts'

// May this event stand at this place, and what does it make of the state? The host asks under its locks, every
// follower asks again at the same place, and both run this (SPEC E12 to E14, E33, T2).

/** Undefined: it may. `state` is undefined for a genesis only. */
export function judge(
  state: SpaceState | undefined,
  audience: Audience,
  event: Event,
): RefusalCode | undefined {
  const { type, sender, host, space, size } = event.header
  const isState = isStateType(type)
  if (isState && !isEventType(type)) return 'features-missing' // E33
  // What we build ourselves is not read again, and 16,000 characters can be more bytes than anybody takes.
  if (size > limits.contentBytesMax) return 'too-large' // E7
  // Rules of state events rely on a content of the right shape.
  if (isState && event.content === undefined) return 'schema'
  if (type === 'space.create') {
    return state ? 'event-type' : mayCreate(event, event.content as SpaceCreate, audience)
  }
  if (!state) return 'unknown-target'
  if (space !== state.id) return 'schema' // E5
  if (host !== state.host) return 'not-host' // E5
  // What we do not know is judged as a message, here and on every other node that does not know it.
  const rule = ruleOf(type)
  const content = (isState ? event.content : undefined) as never
  if (sender.startsWith('node@')) {
    if (!rule.byHost || nodeOf(sender) !== host) return 'no-right' // E13
    return rule.may({ state, event, content, standing: undefined, audience })
  }
  const standing = standingOf(state, audience, sender as UserId)
  // Somebody's administrator ends a membership without being a member.
  if (!standing && type !== 'member.leave') return 'not-a-member' // E12
  return rule.may({ state, event, content, standing, audience })
}

/** The state after the step. Changes the state that it is given, unless the step is a genesis. */
export function fold(state: SpaceState | undefined, step: Step): SpaceState {
  const { event, entry } = step
  const { type } = event.header
  if (type === 'space.create') return begin(step, event.content as SpaceCreate)
  if (!state) throw new Error('A log begins with its genesis.')
  if (!isStateType(type)) return state
  ruleOf(type).fold?.(state, { event, content: event.content as never, entry })
  state.epoch = entry.body.epoch
  state.stateSeq = entry.body.seq
  state.stateHash = entry.hash
  return state
}

/** The rule of a type, with its content type erased: the event's content was read by the shape of the same type. */
function ruleOf(type: string): Rule<never> {
  const rule = isEventType(type) && type !== 'space.create' ? rules[type] : rules['msg.post']
  return rule
}
