import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import { defaultPolicy, PartnerPolicy, SpacePolicy, WorkspacePolicy } from '#schema/policy.ts'
import type { Db, Tx } from './open.ts'

/** The workspace's policy; what was never set is the default. */
export async function getWorkspacePolicy(db: Db): Promise<WorkspacePolicy> {
  const settings = await findSettings(db, 'workspace')
  // A setting that came with a later version is missing in what an earlier one wrote.
  return settings === undefined
    ? defaultPolicy
    : WorkspacePolicy.parse({ ...defaultPolicy, ...JSON.parse(settings) })
}

/** What is different for a partner; nothing when nobody has said so. */
export async function getPartnerPolicy(db: Db, node: NodeId): Promise<PartnerPolicy> {
  const settings = await findSettings(db, node)
  return settings === undefined ? {} : PartnerPolicy.parse(JSON.parse(settings))
}

/** What is stricter in a space. */
export async function getSpacePolicy(db: Db, space: SpaceId): Promise<SpacePolicy> {
  const settings = await findSettings(db, space)
  return settings === undefined ? { inviteExternals: null } : SpacePolicy.parse(JSON.parse(settings))
}

async function findSettings(db: Db, scope: string): Promise<string | undefined> {
  const row = await db.selectFrom('policy').select('settings').where('scope', '=', scope).executeTakeFirst()
  return row?.settings
}

export async function putPolicy(
  tx: Tx,
  policy: {
    readonly scope: 'workspace' | NodeId | SpaceId
    readonly settings: WorkspacePolicy | PartnerPolicy | SpacePolicy
    readonly changedAt: number
    readonly changedBy: UserId
  },
): Promise<void> {
  const row = { ...policy, settings: JSON.stringify(policy.settings) }
  await tx
    .insertInto('policy')
    .values(row)
    .onConflict((conflict) => conflict.column('scope').doUpdateSet(row))
    .execute()
}
