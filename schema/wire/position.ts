import { z } from 'zod'
import { Hash, SpaceId } from '../ids.ts'
import { Epoch, Seq } from './event.ts'

/** A whole number in a query, in its one spelling. */
export const Position = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,15})$/)
  .pipe(z.coerce.number<string>().max(Number.MAX_SAFE_INTEGER))

export const inSpace = z.object({ space: SpaceId })

/** The head of a log, as short as it gets: space, epoch, seq, hash. */
export const HeadLine = z.tuple([SpaceId, Epoch, Seq, Hash])
