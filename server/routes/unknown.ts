import { Refusal } from '#server/refusal.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

// What no route answers: a path that is not there, or one that is and has other methods.

export type Routes = {
  /** The methods that a path has; empty for a path that is not there. */
  methodsOf(path: string): string[]
}

/** Notes every route that is added afterwards, in whichever scope. */
export function noteRoutes(app: FastifyInstance): Routes {
  const known = new Map<string, { readonly segments: readonly string[]; readonly methods: Set<string> }>()
  app.addHook('onRoute', ({ url, method }) => {
    const entry = known.get(url) ?? { segments: url.split('/'), methods: new Set() }
    known.set(url, entry)
    for (const each of [method].flat()) entry.methods.add(each)
  })
  return {
    methodsOf(path) {
      const segments = path.split('/')
      const fitting = [...known.values()].filter((entry) => isLike(entry.segments, segments))
      return [...new Set(fitting.flatMap(({ methods }) => [...methods]))].toSorted()
    },
  }
}

function isLike(pattern: readonly string[], segments: readonly string[]): boolean {
  const star = pattern.indexOf('*')
  if (star < 0 && pattern.length !== segments.length) return false
  return pattern.every((part, i) => {
    if (star >= 0 && i >= star) return true
    return part.startsWith(':') ? segments[i] !== '' : part === segments[i]
  })
}

/** Answers, or throws the refusal, before a body is read: there is nobody to read it. */
export function answerUnknown(routes: Routes, request: FastifyRequest, reply: FastifyReply): void {
  const methods = routes.methodsOf(request.url.split('?', 1)[0]!)
  if (methods.length === 0) throw new Refusal('not-found')
  reply.header('allow', [...methods, 'OPTIONS'].join(', '))
  if (request.method !== 'OPTIONS') throw new Refusal('method-not-allowed')
  reply.status(204).send()
}
