import type { Workspace } from '#schema/api/workspace.ts'
import type { Context } from '#server/context.ts'
import { getWorkspacePolicy } from '#server/db/policies.ts'

/** The workspace, as a page has to know it. Everything else of the policies is for administrators. */
export async function viewWorkspace({ db, node, config, mode }: Context): Promise<Workspace> {
  const { badgesEverywhere, guests } = await getWorkspacePolicy(db)
  const organisation = config.organisation ?? null
  return { node, organisation, badgesEverywhere, guests, recovering: mode.recovering !== undefined }
}
