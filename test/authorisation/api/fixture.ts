import type { RefusalCode } from '#schema/refusal.ts'
import type { Actor, Asked } from '../cast.ts'
import type { Place } from '../place.ts'

/** Who gets past a door. Everybody else is told the same as about ids that nobody has. */
export const doors = {
  /** There is none: the request names nothing that could be somebody else's. */
  none: undefined,
  /** Who takes part in the space. */
  space: ['external', 'guest', 'member', 'admin'],
  /** Whom the invitation is for. */
  invitee: ['external'],
  /** Who knows somebody at acme: their colleagues, and who shares a space with them. */
  acquaintance: ['external', 'guest', 'removed', 'other', 'member', 'admin', 'owner'],
  /** Administrators, as the policy says too. */
  account: ['owner'],
} as const satisfies Record<string, readonly Actor[] | undefined>

export type Fixture = {
  readonly door: keyof typeof doors
  /** The request, with ids of a place. Each id that is taken from it is also tried made up, and out of reach. */
  readonly ask: (at: Place) => Asked
  /** Who gets past the door, and is refused in words of their own. */
  readonly refused?: Partial<Record<Actor | 'everybody', RefusalCode>>
  /** Who must not tell what is out of reach from what is not there; everybody, when absent. */
  readonly alike?: readonly Actor[]
  /** Something changes: whoever succeeds does it in a place of their own. */
  readonly changes?: true
}

export type Fixtures = Readonly<Record<string, Fixture>>

export const inSpace = (at: Place) => ({ spaceId: at.space })

/** Well formed, and nobody's. */
export function tokenOf({ nonce }: Place): string {
  return nonce.padEnd(43, 'A')
}
