import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { keyPairFromSeed } from '#federation/keys.ts'
import { writeWhole } from './whole-file.ts'

// Recovery keys that were made here and that nobody has taken away yet. Parley reads of them whose they are, and no more.

/** `kid` is undefined where the file does not say. */
export type RecoveryFile = { readonly path: string; readonly kid: string | undefined }

const begins = 'RECOVERY-take-this-off-the-machine'

export type RecoveryKey = { readonly node: string; readonly seed: Uint8Array }

/** Writes a recovery key down. `isNext`: beside an earlier one, which is good until this one is part of the history. */
export function writeRecovery(directory: string, { node, seed }: RecoveryKey, isNext: boolean): void {
  const { kid } = keyPairFromSeed(seed).key
  const name = isNext ? `${begins}-${kid.slice(0, 8)}.txt` : `${begins}.txt`
  writeWhole(join(directory, name), textOf(node, kid, Buffer.from(seed).toString('base64url')))
}

export function listRecoveryFiles(directory: string): RecoveryFile[] {
  const names = readdirSync(directory).filter((name) => name.startsWith(begins) && name.endsWith('.txt'))
  return names.toSorted().map((name) => {
    const path = join(directory, name)
    return { path, kid: /^Key id: +([\w-]{43})$/m.exec(readFileSync(path, 'utf8'))?.[1] }
  })
}

export function removeRecovery({ path }: RecoveryFile): void {
  rmSync(path, { force: true })
}

/** The key in what an operator has typed, or in the text of such a file; undefined when there is none in it. */
export function readRecovery(text: string): Uint8Array | undefined {
  const [, labelled] = /^Key: +([\w-]{43})\s*$/m.exec(text) ?? []
  const typed = (labelled ?? text).replaceAll(/\s/g, '')
  if (!/^[\w-]{43}$/.test(typed)) return undefined
  const seed = Buffer.from(typed, 'base64url')
  // What was typed has to be the one spelling of its bytes, or a slip in the last character would go unnoticed.
  return seed.length === 32 && seed.toString('base64url') === typed ? seed : undefined
}

function textOf(node: string, kid: string, seed: string): string {
  return `The recovery key of ${node}
=============================

Whoever has it can replace the node's signing key, also when that was lost or stolen. Parley does not need
it to run. Print it or store it where the node's own disk and backups are not, then delete this file.
Before you do: parley keys check asks for the key, and says whether what you wrote down is right.

Key id:  ${kid}
Key:     ${seed}
`
}
