import { z } from 'zod'
import { limits } from '../limits.ts'

/**
 * What a person may do in a space, least first: `reader` reads; `poster` also writes; `member` also
 * invites; `admin` also decides (A23).
 */
export const roles = ['reader', 'poster', 'member', 'admin'] as const
export const Role = z.enum(roles)
export type Role = z.output<typeof Role>

/** How much of what came before somebody gets: everything, nothing, or from a position in the log. */
export const HistoryWindow = z.union([
  z.literal('all'),
  z.literal('now'),
  z.string().regex(/^since:[1-9][0-9]{0,14}$/),
])
export type HistoryWindow = z.output<typeof HistoryWindow>

export const SpaceKind = z.enum(['group', 'thread', 'dm'])
export type SpaceKind = z.output<typeof SpaceKind>

/** Settings of a space. Every value is a string; what it means is the business of the rule that reads it. */
export const SettingKey = z.enum(['title', 'description', 'locked', 'replies-off'])
export type SettingKey = z.output<typeof SettingKey>

export const SettingValue = z.string().max(limits.titleCharactersMax)

/** A title people can read: something visible in it, no line breaks, no control characters. */
export const Title = z
  .string()
  .min(1)
  .max(limits.titleCharactersMax)
  .regex(/^[^\p{Cc}\u2028\u2029]*$/u)
  .regex(/[^\s\p{Cf}]/u)
