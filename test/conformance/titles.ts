import { globSync, readFileSync } from 'node:fs'

/** The names of all tests below these folders. */
export function titlesIn(folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) => globSync(`test/${folder}/**/*.test.ts`))
    .flatMap((path) => [
      ...readFileSync(path, 'utf8').matchAll(/\bt\.test\(\s*(['"`])((?:(?!\1)[^\\]|\\.)*)\1/g),
    ])
    .map((match) => match[2]!)
}

/** Ids of the protocol's case list, wherever they stand in a name. */
export function caseIdsOf(title: string): string[] {
  return title.match(/\b[A-Z]{3}-\d{2}\b/g) ?? []
}

/** Ids of the catalogue of bad input: in brackets or before the first colon. */
export function inputIdsOf(title: string): string[] {
  const bracketed = [...title.matchAll(/\[([^\]]*)\]/g)].map((match) => match[1]!)
  const head = title.includes(':') ? [title.slice(0, title.indexOf(':'))] : []
  return [...bracketed, ...head].flatMap((text) => text.match(/\b[A-Z]\d{1,2}\b/g) ?? [])
}
