import { z } from 'zod'
import { SpaceId } from '../ids.ts'
import { HistoryWindow } from './shared.ts'

/** A thread addresses one more group, whose members see of it what `history` says. */
export const RecipientAdd = z.strictObject({ group: SpaceId, history: HistoryWindow })
export type RecipientAdd = z.output<typeof RecipientAdd>
