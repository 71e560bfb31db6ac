import type { Rule } from './rule.ts'

// SPEC E34. It says that the host goes on, and changes nothing else.
export const spaceReanchor: Rule<'space.reanchor'> = {
  byHost: true,
  may: ({ standing }) => (standing ? 'no-right' : undefined),
}
