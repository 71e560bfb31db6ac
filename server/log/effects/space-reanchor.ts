import { releaseSpace } from '#server/db/recovery.ts'
import type { Effect } from './effect.ts'

export const spaceReanchor: Effect<'space.reanchor'> = async (tx, { space, hosted }) => {
  if (hosted) await releaseSpace(tx, space)
}
