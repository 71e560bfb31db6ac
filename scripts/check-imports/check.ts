import { isBuiltin } from 'node:module'
import { bans } from './calls.ts'
import { findCycles } from './cycles.ts'
import { isWithin, layerOf, type Layer } from './layers.ts'
import { lineOf, readSources, type Import, type Source } from './sources.ts'

const sourceLinesMax = 400
const testLinesMax = 600
/** Borders that are crossed by name, so that every crossing can be searched for. */
const namedFolders = ['schema', 'federation', 'server']

/** One sentence for each place where the tree breaks the architecture, as `path:line: sentence`. */
export function checkTree(root: string): string[] {
  const sources = readSources(root)
  return [...sources.flatMap(checkFile), ...findCycles(sources)]
}

function checkFile(source: Source): string[] {
  const layer = layerOf(source.path)
  if (!layer) return [`${source.path}:1: has no place in scripts/check-imports/layers.ts`]
  return [
    ...source.imports.flatMap((each) => checkImport(source, layer, each)),
    ...checkCalls(source, layer),
    ...checkLength(source),
  ]
}

function checkImport(source: Source, layer: Layer, each: Import): string[] {
  const complaint =
    each.target === undefined ? checkOutside(layer, each.name) : checkInside(source, layer, each)
  return complaint ? [`${source.path}:${each.line}: ${complaint}`] : []
}

function checkOutside(layer: Layer, name: string): string | undefined {
  if (isBuiltin(name)) return checkBuiltin(layer, name)
  const allowed = layer.packages.some((known) => known === '*' || isWithin(name, known))
  return allowed ? undefined : `${layer.path} may not use the package ${name}`
}

function checkBuiltin(layer: Layer, name: string): string | undefined {
  if (!name.startsWith('node:')) return `write node:${name}`
  const allowed = layer.builtins === 'all' || layer.builtins.some((known) => isWithin(name, known))
  return allowed ? undefined : `${layer.path} may not use ${name}`
}

function checkInside(
  source: Source,
  layer: Layer,
  { name, target = '', typesOnly }: Import,
): string | undefined {
  const other = layerOf(target)
  if (!other) return `${target} has no place in scripts/check-imports/layers.ts`
  const known = [layer.path, ...layer.imports, ...(typesOnly ? (layer.types ?? []) : [])]
  if (!known.includes(other.path)) {
    const part = layer.types?.includes(other.path) ? 'more than types from ' : ''
    return `${layer.path} may not import ${part}${target}`
  }
  const border = namedFolders.find((folder) => isWithin(target, folder) && !isWithin(source.path, folder))
  return border && name.startsWith('.') ? `write #${target}` : undefined
}

function checkCalls({ path, code }: Source, layer: Layer): string[] {
  return bans
    .filter((ban) => ban.appliesTo(path, layer.impure ?? false))
    .flatMap((ban) =>
      [...code.matchAll(ban.pattern)].map(
        (match) =>
          `${path}:${lineOf(code, match.index)}: ${match[0].trim()} is not for this file: ${ban.instead}`,
      ),
    )
}

function checkLength({ path, lineCount }: Source): string[] {
  const linesMax = isWithin(path, 'test') ? testLinesMax : sourceLinesMax
  return lineCount > linesMax ? [`${path}:${linesMax + 1}: ${lineCount} lines, more than ${linesMax}`] : []
}
