import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** A file as the checks see it: without its comments, which may speak of anything. */
export type Source = {
  readonly path: string
  readonly code: string
  readonly lineCount: number
  readonly imports: readonly Import[]
}

export type Import = {
  readonly name: string
  /** The file it means, from the root; undefined for packages and what Node brings. */
  readonly target: string | undefined
  readonly typesOnly: boolean
  readonly line: number
}

export function readSources(root: string): Source[] {
  const paths = globSync('{schema,federation,server,web,scripts,test}/**/*.{ts,tsx}', { cwd: root })
  return paths.toSorted().map((path) => parse(path, readFileSync(join(root, path), 'utf8')))
}

export function lineOf(code: string, index: number): number {
  return code.slice(0, index).split('\n').length
}

function parse(path: string, text: string): Source {
  const code = withoutComments(text)
  return { path, code, lineCount: text.trimEnd().split('\n').length, imports: importsOf(path, code) }
}

const importStatement = /^(?:import|export)\s+(type\s)?[^;'"]*?from\s+['"]([^'"]+)['"]/gm
const bareImport = /^import\s+()['"]([^'"]+)['"]/gm
const importCall = /\bimport\(\s*()['"]([^'"]+)['"]/g

function importsOf(path: string, code: string): Import[] {
  return [importStatement, bareImport, importCall].flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => {
      const [, typeWord, name = ''] = match
      return {
        name,
        target: targetOf(path, name),
        typesOnly: Boolean(typeWord),
        line: lineOf(code, match.index),
      }
    }),
  )
}

function targetOf(path: string, name: string): string | undefined {
  if (name.startsWith('#')) return name.slice(1)
  if (name.startsWith('.')) return normalize(join(dirname(path), name))
  return undefined
}

// Blanks them and keeps the lines. Two slashes count only after a space, or they belong to an address.
function withoutComments(text: string): string {
  return text
    .replaceAll(/\/\*[^]*?\*\//g, (comment) => comment.replaceAll(/[^\n]/g, ' '))
    .replaceAll(/(^|\s)\/\/.*$/gm, '$1')
}
