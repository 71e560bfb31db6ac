import { sql } from 'kysely'
import type { SpaceState } from '#federation/state.ts'
import type { SettingKey } from '#schema/event/shared.ts'
import type { SpaceId } from '#schema/ids.ts'
import type { Db } from './open.ts'
import type { SpaceRow } from './spaces.ts'

/**
 * The state of a space that we host as it was at a seq. Members, invitations, groups and nodes are kept with the
 * seqs between which they held; settings are read from the entries that made them. Not for a dm's places.
 */
export async function loadStateAt(db: Db, row: SpaceRow, seq: number): Promise<SpaceState> {
  const { id, kind, host, epoch, starter } = row
  const state: SpaceState = {
    id,
    kind,
    host,
    epoch,
    starter,
    stateSeq: seq,
    stateHash: row.headHash,
    members: new Map(),
    invites: new Map(),
    groups: new Map(),
    nodes: new Map(),
    settings: await loadSettingsAt(db, id, seq),
  }
  await fillPeople(db, state, seq)
  await fillCompanies(db, state, seq)
  return state
}

async function fillPeople(db: Db, { id, members, invites }: SpaceState, seq: number): Promise<void> {
  for (const { userId, ...member } of await db
    .selectFrom('member')
    .select(['userId', 'role', 'joinSeq', 'history'])
    .where('spaceId', '=', id)
    .where('fromSeq', '<=', seq)
    .where((eb) => eb.or([eb('untilSeq', 'is', null), eb('untilSeq', '>', seq)]))
    .orderBy('userId')
    .execute())
    members.set(userId, member)
  for (const { jti, ...invite } of await db
    .selectFrom('invited')
    .select(['jti', 'node', 'role', 'history'])
    .where('spaceId', '=', id)
    .where('addSeq', '<=', seq)
    .where((eb) => eb.or([eb('endSeq', 'is', null), eb('endSeq', '>', seq)]))
    .orderBy('jti')
    .execute())
    invites.set(jti, invite)
}

async function fillCompanies(db: Db, { id, groups, nodes }: SpaceState, seq: number): Promise<void> {
  for (const { groupId, ...group } of await db
    .selectFrom('recipient')
    .select(['groupId', 'addSeq', 'history', 'anchorSeq'])
    .where('spaceId', '=', id)
    .where('addSeq', '<=', seq)
    .where((eb) => eb.or([eb('removeSeq', 'is', null), eb('removeSeq', '>', seq)]))
    .orderBy('addSeq')
    .execute())
    groups.set(groupId, group)
  for (const { node, addSeq } of await db
    .selectFrom('spaceNode')
    .select(['node', 'addSeq'])
    .where('spaceId', '=', id)
    .where('addSeq', '<=', seq)
    .where((eb) => eb.or([eb('removeSeq', 'is', null), eb('removeSeq', '>', seq)]))
    .orderBy('addSeq')
    .execute())
    nodes.set(node, addSeq)
}

/** Contents of state entries are never erased, so that what they said can be read again. */
async function loadSettingsAt(db: Db, space: SpaceId, seq: number): Promise<Map<SettingKey, string>> {
  const { rows } = await sql<{ type: string; text: string }>`
    select e.type, c.text from entry e join content c on c.space_id = e.space_id and c.seq = e.seq
    where e.space_id = ${space} and e.state_digest is not null and e.seq <= ${seq}
      and e.type in ('space.create', 'space.set')
    order by e.seq
  `.execute(db)
  const settings = new Map<SettingKey, string>()
  for (const { type, text } of rows) {
    const said = JSON.parse(text) as { settings?: Record<SettingKey, string>; key: SettingKey; value: string }
    const made = type === 'space.create' ? Object.entries(said.settings ?? {}) : [[said.key, said.value]]
    for (const [key, value] of made) settings.set(key as SettingKey, value!)
  }
  return settings
}
