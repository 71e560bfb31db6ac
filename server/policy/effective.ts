import type { NodeId } from '#schema/ids.ts'
import { WorkspacePolicy } from '#schema/policy.ts'
import { getPartnerPolicy, getWorkspacePolicy } from '#server/db/policies.ts'
import type { Db } from '#server/db/open.ts'

/** What holds towards one company: the workspace's policy, and over it what was set for that partner. */
export async function policyTowards(db: Db, node: NodeId): Promise<WorkspacePolicy> {
  return WorkspacePolicy.parse({ ...(await getWorkspacePolicy(db)), ...(await getPartnerPolicy(db, node)) })
}
