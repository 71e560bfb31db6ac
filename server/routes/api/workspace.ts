import { getWorkspace } from '#schema/api/workspace.ts'
import type { Context } from '#server/context.ts'
import { viewWorkspace } from '#server/domain/workspace.ts'
import { type App, serve } from '../serve.ts'

export function workspaceRoutes(app: App, context: Context): void {
  serve(app, context, getWorkspace, async () => await viewWorkspace(context))
}
