import type { Workspace } from '#schema/api/workspace.ts'
import type { Context } from '#server/context.ts'
import { getWorkspacePolicy } from '#server/db/policies.ts'

/** The workspace, as a page has to know it. Everything else of the policies is for administrators. */
export async function viewWorkspace({ db, node, config }: Context): Promise<Workspace> {
  const { badgesEverywhere, guests } = await getWorkspacePolicy(db)
  return { node, organisation: config.organisation ?? null, badgesEverywhere, guests }
}
