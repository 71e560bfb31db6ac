import { readFileSync } from 'node:fs'
import { join } from 'node:path'

// What a name looks like, for comparing it with other names: the skeleton of UTS #39 with Unicode's own data, read once.

let prototypes: ReadonlyMap<number, string> | undefined

/**
 * Two names with one skeleton can be taken for each other: `Аnnа` with Cyrillic letters and `Anna`, `RICK` and
 * `rick`. It is for comparing only and is never shown. Names with invisible characters are refused before (I5).
 */
export function skeletonOf(name: string): string {
  prototypes ??= readPrototypes()
  let text = ''
  for (const character of name.normalize('NFD')) {
    text += prototypes.get(character.codePointAt(0)!) ?? character
  }
  // Case and white space tell nobody apart either. A capital I has become an l by now, so an i becomes one too.
  return text.normalize('NFD').toLowerCase().replaceAll('i', 'l').replaceAll(/\s+/gu, ' ')
}

function readPrototypes(): Map<number, string> {
  const lines = readFileSync(join(import.meta.dirname, 'unicode/confusables.txt'), 'utf8').split('\n')
  return new Map(
    lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const [source, prototype] = line.split(';') as [string, string]
        const text = prototype.split(' ').map((point) => String.fromCodePoint(Number.parseInt(point, 16)))
        return [Number.parseInt(source, 16), text.join('')]
      }),
  )
}
