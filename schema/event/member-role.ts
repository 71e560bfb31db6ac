import { z } from 'zod'
import { UserId } from '../ids.ts'
import { Role } from './shared.ts'

/** A member's role changes; the membership, and so its history window, goes on. */
export const MemberRole = z.strictObject({ user: UserId, role: Role })
export type MemberRole = z.output<typeof MemberRole>
