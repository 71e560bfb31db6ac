import type { EventType } from '#schema/event/types.ts'
import type { Effect } from './effect.ts'
import { memberInvite } from './member-invite.ts'
import { memberJoin } from './member-join.ts'
import { memberLeave } from './member-leave.ts'
import { memberRemove } from './member-remove.ts'
import { memberRole } from './member-role.ts'
import { memberUninvite } from './member-uninvite.ts'
import { nodeAdd } from './node-add.ts'
import { nodeRemove } from './node-remove.ts'
import { recipientAdd } from './recipient-add.ts'
import { recipientRemove } from './recipient-remove.ts'
import { spaceCreate } from './space-create.ts'
import { spaceReanchor } from './space-reanchor.ts'
import { spaceSet } from './space-set.ts'

/** A message has no rows but its entry and its content, which is what makes it cheap. */
export const effects: { readonly [T in EventType]: Effect<T> | undefined } = {
  'space.create': spaceCreate,
  'space.set': spaceSet,
  'space.reanchor': spaceReanchor,
  'node.add': nodeAdd,
  'node.remove': nodeRemove,
  'member.invite': memberInvite,
  'member.uninvite': memberUninvite,
  'member.join': memberJoin,
  'member.leave': memberLeave,
  'member.remove': memberRemove,
  'member.role': memberRole,
  'recipient.add': recipientAdd,
  'recipient.remove': recipientRemove,
  'msg.post': undefined,
}
