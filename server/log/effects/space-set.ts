import { putSetting } from '#server/db/settings.ts'
import type { Effect } from './effect.ts'

export const spaceSet: Effect<'space.set'> = async (tx, { space, seq, content }) => {
  await putSetting(tx, { spaceId: space, key: content.key, value: content.value, seq })
}
