import type { Source } from './sources.ts'

/** Every cycle counts, also one of types alone: two files that need each other are one file, or three. */
export function findCycles(sources: readonly Source[]): string[] {
  const targets = new Map(
    sources.map(({ path, imports }) => [path, imports.flatMap(({ target }) => target ?? [])]),
  )
  const done = new Set<string>()
  const complaints: string[] = []

  function walk(path: string, trail: readonly string[]): void {
    const start = trail.indexOf(path)
    if (start >= 0) {
      complaints.push(`${path}:1: is part of a cycle: ${[...trail.slice(start), path].join(' -> ')}`)
      return
    }
    if (done.has(path)) return
    for (const target of targets.get(path) ?? []) walk(target, [...trail, path])
    done.add(path)
  }

  for (const path of targets.keys()) walk(path, [])
  return complaints
}
