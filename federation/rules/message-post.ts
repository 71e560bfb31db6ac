import { isAtLeast } from '../reach.ts'
import { isOn } from './grants.ts'
import type { Rule } from './rule.ts'

/** Also the rule of timeline types that we do not know (SPEC E32, E33). */
export const messagePost: Rule<'msg.post'> = {
  may({ state, standing }) {
    if (!standing || !isAtLeast(standing.role, 'poster')) return 'no-right'
    return isOn(state, 'replies-off') ? 'no-right' : undefined
  },
}
