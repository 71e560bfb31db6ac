import { isAtLeast } from '../reach.ts'
import { faultOfSetting, isOn, isSwitch } from './grants.ts'
import type { Rule } from './rule.ts'

// SPEC E21.
export const spaceSet: Rule<'space.set'> = {
  byHost: true,
  may({ state, content, standing }) {
    const { key, value } = content
    if (state.kind === 'dm' && isSwitch(key)) return 'wrong-kind'
    if (standing && !isAtLeast(standing.role, 'admin')) return 'no-right'
    // The subject of a locked space is fixed, for its admins too: they can see that it is, and unlock it.
    if (standing && isOn(state, 'locked') && !isSwitch(key)) return 'no-right'
    return faultOfSetting(key, value)
  },
  fold(state, { content }) {
    state.settings.set(content.key, content.value)
  },
}
