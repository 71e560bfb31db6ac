import { z } from 'zod'
import { HistoryWindow } from './event/shared.ts'

/**
 * How much of the past somebody is to get, as people say it: everything, nothing, from an entry on, or from a moment
 * on (milliseconds since 1970), which the host turns into the entry that it means.
 */
export const HistoryWish = z.union([HistoryWindow, z.strictObject({ date: z.int().min(0) })])
export type HistoryWish = z.output<typeof HistoryWish>
