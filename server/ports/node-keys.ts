import { createHash } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs'
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyPairFromSeed } from '#federation/keys.ts'
import { Hash } from '#schema/ids.ts'
import type { Keys } from './keys.ts'
import type { Random } from './random.ts'

// The node's key in a file that nobody else can read. Its loss ends the node's identity, so it is made only where
// nobody can have known an earlier one. The recovery key is made with it; of that one only the commitment stays.

const keyFile = 'node.json'
const recoveryFile = 'RECOVERY-take-this-off-the-machine.txt'
const seedBytes = 32

export type KeyFileOptions = {
  readonly dataDirectory: string
  /** Of the node, for the text beside the recovery key. */
  readonly node: string
  readonly random: Random
  /** Nobody can have seen a key of this node yet. */
  readonly isNew: boolean
}

/** Reads the key, or makes it on a new node. */
export function openKeyFile(options: KeyFileOptions): Keys {
  const directory = join(options.dataDirectory, 'keys')
  const path = join(directory, keyFile)
  if (!existsSync(path)) {
    if (!options.isNew) {
      throw new Error(
        `The key of this node is missing: there is no ${path}, but its database has a history under it. ` +
          `Put the file back from a backup. A new key is never made here, since partners would refuse it.`,
      )
    }
    createKeys(directory, options)
  }
  return readKeys(path)
}

/** A key that lives in memory only. */
export function memoryKeys(seed: Uint8Array): Keys {
  const { signer, key } = keyPairFromSeed(seed)
  const recoverySeed = createHash('sha256').update('recovery').update(seed).digest()
  return { signer, key, recovery: [keyPairFromSeed(recoverySeed).key.kid] }
}

function readKeys(path: string): Keys {
  const mode = statSync(path).mode & 0o777
  if ((mode & 0o077) !== 0) {
    const found = mode.toString(8).padStart(4, '0')
    throw new Error(`Others can read ${path} (mode ${found}). Run chmod 600 ${path}, then start again.`)
  }
  const stored = parse(readFileSync(path, 'utf8'))
  if (!stored) throw new Error(`${path} is not a key file of Parley. Put it back from a backup.`)
  return { ...keyPairFromSeed(stored.seed), recovery: stored.recovery }
}

function parse(text: string): { seed: Uint8Array; recovery: Hash[] } | undefined {
  try {
    const { v, seed, recovery } = JSON.parse(text) as Record<string, unknown>
    if (v !== 1 || typeof seed !== 'string') return undefined
    const bytes = Buffer.from(seed, 'base64url')
    const commitments = Hash.array().nonempty().parse(recovery)
    return bytes.length === seedBytes ? { seed: bytes, recovery: commitments } : undefined
  } catch {
    return undefined
  }
}

function createKeys(directory: string, { node, random }: KeyFileOptions): void {
  mkdirSync(join(directory, '..'), { recursive: true })
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const seed = Buffer.from(random.bytes(seedBytes))
  const recoverySeed = Buffer.from(random.bytes(seedBytes))
  const { kid } = keyPairFromSeed(recoverySeed).key
  // First the recovery key: after a crash between the two, both are made again.
  writeWhole(join(directory, recoveryFile), recoveryText(node, kid, recoverySeed.toString('base64url')))
  const stored = { v: 1, seed: seed.toString('base64url'), recovery: [kid] }
  writeWhole(join(directory, keyFile), `${JSON.stringify(stored, undefined, 2)}\n`)
}

function recoveryText(node: string, kid: string, seed: string): string {
  return `The recovery key of ${node}
=============================

Whoever has it can replace the node's signing key, also when that was lost or stolen. Parley does not need
it to run. Print it or store it where the node's own disk and backups are not, then delete this file.

Key id:  ${kid}
Key:     ${seed}
`
}

/** All of it or nothing, also when the machine goes down meanwhile. */
function writeWhole(path: string, text: string): void {
  const draft = `${path}.new`
  writeFileSync(draft, text, { mode: 0o600, flush: true })
  renameSync(draft, path)
  const directory = openSync(join(path, '..'), 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}
