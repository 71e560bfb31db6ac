import type { FastifyInstance } from 'fastify'

/** All that an app serves, as `GET /api/me`, whoever has registered it. HEAD comes with GET. */
export function routesOf(app: FastifyInstance): string[] {
  const routes: string[] = []
  const path: string[] = []
  for (const line of app.printRoutes({ commonPrefix: false }).split('\n')) {
    const found = /^(?<indent>[\s│]*)[├└]── (?<part>\S*)(?: \((?<methods>[^)]*)\))?/.exec(line)
    if (!found?.groups) continue
    const { indent = '', part = '', methods = '' } = found.groups
    path.splice(indent.length / 4, Infinity, part)
    const url = path.join('').replaceAll(/\/{2,}/g, '/')
    for (const method of methods.split(', ')) if (method && method !== 'HEAD') routes.push(`${method} ${url}`)
  }
  return routes
}
