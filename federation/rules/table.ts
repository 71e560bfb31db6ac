import type { EventType } from '#schema/event/types.ts'
import { memberInvite } from './member-invite.ts'
import { memberJoin } from './member-join.ts'
import { memberLeave } from './member-leave.ts'
import { memberRemove } from './member-remove.ts'
import { memberRole } from './member-role.ts'
import { memberUninvite } from './member-uninvite.ts'
import { messagePost } from './message-post.ts'
import { nodeAdd } from './node-add.ts'
import { nodeRemove } from './node-remove.ts'
import { recipientAdd } from './recipient-add.ts'
import { recipientRemove } from './recipient-remove.ts'
import type { Rule } from './rule.ts'
import { spaceReanchor } from './space-reanchor.ts'
import { spaceSet } from './space-set.ts'

/** Every type but the genesis, which has nothing before it (`space-create.ts`). */
export const rules: { readonly [T in Exclude<EventType, 'space.create'>]: Rule<T> } = {
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
  'msg.post': messagePost,
}
