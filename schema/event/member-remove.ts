import { z } from 'zod'
import { UserId } from '../ids.ts'

/** Somebody with the right ends another person's membership. */
export const MemberRemove = z.strictObject({ user: UserId })
export type MemberRemove = z.output<typeof MemberRemove>
