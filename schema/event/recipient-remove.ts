import { z } from 'zod'
import { SpaceId } from '../ids.ts'

/** A thread addresses a group no longer. */
export const RecipientRemove = z.strictObject({ group: SpaceId })
export type RecipientRemove = z.output<typeof RecipientRemove>
