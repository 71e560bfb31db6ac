import { z } from 'zod'
import { SpaceId, UserId } from '../ids.ts'
import { limits } from '../limits.ts'
import { SettingKey, SettingValue, SpaceKind } from './shared.ts'

/** The genesis: what the space is, for ever, and who is in it from the first entry. Its header hash is the space's id. */
export const SpaceCreate = z.strictObject({
  kind: SpaceKind,
  features: z.array(z.string().max(64)).max(32),
  settings: z.partialRecord(SettingKey, SettingValue),
  /** `users` are the host's own; everybody else is invited. `groups` are addressed, only by a thread. */
  recipients: z.strictObject({
    users: z.array(UserId).max(limits.usersPerGenesisMax),
    groups: z.array(SpaceId).max(limits.groupsPerThreadMax),
  }),
  /** A dm's number of places, for ever; no other kind has one. */
  size: z.int().min(2).max(limits.placesPerDmMax).optional(),
  /** 128 random bits, so that two spaces made alike in one millisecond are two spaces. */
  nonce: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
})
export type SpaceCreate = z.output<typeof SpaceCreate>
