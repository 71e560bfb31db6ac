import { z } from 'zod'
import { SettingKey, SettingValue } from './shared.ts'

/** Changes one setting. */
export const SpaceSet = z.strictObject({ key: SettingKey, value: SettingValue })
export type SpaceSet = z.output<typeof SpaceSet>
