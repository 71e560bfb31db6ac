import type { Rule } from './rule.ts'

// SPEC E34. It says that the host goes on, and behind what when it begins another epoch (L14). Nobody is in the space
// or out of it by that.
export const spaceReanchor: Rule<'space.reanchor'> = {
  byHost: true,
  may: ({ standing }) => (standing ? 'no-right' : undefined),
}
