import { isDeepStrictEqual } from 'node:util'
import { type Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { Activity } from '#server/ports/activity.ts'
import { openLogger } from '#server/ports/logger.ts'
import * as foundation from './migrations/0001-foundation.ts'
import * as policies from './migrations/0002-policies.ts'
import * as history from './migrations/0003-history.ts'
import * as invitations from './migrations/0004-invitations.ts'
import * as removal from './migrations/0005-removal.ts'
import * as guests from './migrations/0006-guests.ts'
import * as identities from './migrations/0007-identities.ts'
import * as keys from './migrations/0008-keys.ts'
import * as truth from './migrations/0009-truth.ts'
import * as recovery from './migrations/0010-recovery.ts'
import * as reach from './migrations/0011-reach.ts'
import * as peerLimits from './migrations/0012-peer-limits.ts'
import * as disputed from './migrations/0014-disputed.ts'
import * as reasons from './migrations/0015-reasons.ts'
import * as epochs from './migrations/0016-epochs.ts'
import * as startedElsewhere from './migrations/0017-started-elsewhere.ts'
import { type Db, openDb } from './open.ts'

// The migrations in their order. Forward only; each is never edited after release.
const migrations = {
  '0001-foundation': foundation,
  '0002-policies': policies,
  '0003-history': history,
  '0004-invitations': invitations,
  '0005-removal': removal,
  '0006-guests': guests,
  '0007-identities': identities,
  '0008-keys': keys,
  '0009-truth': truth,
  '0010-recovery': recovery,
  '0011-reach': reach,
  '0012-peer-limits': peerLimits,
  '0014-disputed': disputed,
  '0015-reasons': reasons,
  '0016-epochs': epochs,
  '0017-started-elsewhere': startedElsewhere,
}

/** Brings the database to this version. Several processes may start at once: an advisory lock lets one do it. */
export async function migrate(db: Db): Promise<void> {
  if (await isUpToDate(db)) return
  const migrator = new Migrator({
    db: db.withoutPlugins() as Kysely<unknown>,
    provider: { getMigrations: async () => migrations },
  })
  const known = new Set(Object.keys(migrations))
  const present = await migrator.getMigrations().catch((error: unknown) => {
    // kysely refuses by itself when the database holds a migration that we do not know.
    throw new Error('The database is newer than this version of Parley. Install the newer version.', {
      cause: error,
    })
  })
  for (const { name } of present) if (!known.has(name)) throw new Error(`Unknown migration ${name}.`)
  const { error } = await migrator.migrateToLatest()
  if (error) throw new Error('The database could not be brought up to date.', { cause: error })
}

/** The migrator reads the whole catalogue to find out, which takes longer than all else that a start does. */
async function isUpToDate(db: Db): Promise<boolean> {
  const { rows: tables } = await sql<{ found: boolean }>`
    select to_regclass('kysely_migration') is not null as found
  `.execute(db)
  if (!tables[0]?.found) return false
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  return isDeepStrictEqual(
    rows.map(({ name }) => name),
    Object.keys(migrations),
  )
}

/** Opens a database just to migrate it. */
export async function migrateDatabase(url: string): Promise<void> {
  const db = openDb({ url, connectionsMax: 2, activity: new Activity(), logger: openLogger('warn') })
  try {
    await migrate(db)
  } finally {
    await db.destroy()
  }
}
