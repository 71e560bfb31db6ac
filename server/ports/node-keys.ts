import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { keyPairFromSeed } from '#federation/keys.ts'
import { Hash } from '#schema/ids.ts'
import { type KeptKeys, type KeyPlace, openKeyRing } from './key-ring.ts'
import type { Keys } from './keys.ts'
import type { Random } from './random.ts'
import { listRecoveryFiles, removeRecovery, writeRecovery } from './recovery-files.ts'
import { writeWhole } from './whole-file.ts'

// The node's keys in a file that nobody else can read. Its loss ends the node's identity, so it is made only where
// nobody can have known an earlier one. The recovery key is made with it; of that one only the commitment stays.

const keyFile = 'node.json'
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
  return openKeyRing(placeOf(directory, options))
}

function placeOf(directory: string, { node, random }: Pick<KeyFileOptions, 'node' | 'random'>): KeyPlace {
  const path = join(directory, keyFile)
  return {
    read: () => readKeys(path),
    write: (kept) => writeWhole(path, textOf(kept)),
    newSeed: () => Buffer.from(random.bytes(seedBytes)),
    writeRecovery: (seed) => writeRecovery(directory, { node, seed }, true),
    recoveryFiles: () => listRecoveryFiles(directory),
    removeRecovery,
  }
}

/** Keys that live in memory only. Those made later follow from the first. */
export function memoryKeys(seed: Uint8Array): Keys {
  const derived = (purpose: string, from: Uint8Array): Buffer =>
    createHash('sha256').update(purpose).update(from).digest()
  const recovery = [keyPairFromSeed(derived('recovery', seed)).key.kid]
  let kept: KeptKeys = { seeds: [seed], recovery }
  return openKeyRing({
    read: () => kept,
    write: (next) => (kept = next),
    newSeed: (purpose) => derived(purpose, kept.seeds.at(-1)!),
    writeRecovery: () => undefined,
    recoveryFiles: () => [],
    removeRecovery: () => undefined,
  })
}

function readKeys(path: string): KeptKeys {
  const mode = statSync(path).mode & 0o777
  if ((mode & 0o077) !== 0) {
    const found = mode.toString(8).padStart(4, '0')
    throw new Error(`Others can read ${path} (mode ${found}). Run chmod 600 ${path}, then start again.`)
  }
  const stored = parse(readFileSync(path, 'utf8'))
  if (!stored) throw new Error(`${path} is not a key file of Parley. Put it back from a backup.`)
  if (stored.seeds.some(isSample)) {
    throw new Error(`${path} holds a key that everybody knows, from a document or a test. Never use it.`)
  }
  return stored
}

/** The private keys that stand in RFC 8032 §7.1 and RFC 8037 A.1, and those that are one byte over and over. */
const samples = [
  '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
  '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
  'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
]

function isSample(seed: Uint8Array): boolean {
  return seed.every((byte) => byte === seed[0]) || samples.includes(Buffer.from(seed).toString('hex'))
}

/** A file of the first form has one seed; the next write brings it up to date. */
function parse(text: string): KeptKeys | undefined {
  try {
    const { v, seed, seeds, recovery } = JSON.parse(text) as Record<string, unknown>
    const texts: unknown = v === 1 ? [seed] : seeds
    if ((v !== 1 && v !== 2) || !Array.isArray(texts) || texts.length === 0) return undefined
    const bytes = texts.map((each) => Buffer.from(String(each), 'base64url'))
    const commitments = Hash.array().nonempty().parse(recovery)
    return bytes.every(({ length }) => length === seedBytes)
      ? { seeds: bytes, recovery: commitments }
      : undefined
  } catch {
    return undefined
  }
}

function textOf({ seeds, recovery }: KeptKeys): string {
  const texts = seeds.map((seed) => Buffer.from(seed).toString('base64url'))
  return `${JSON.stringify({ v: 2, seeds: texts, recovery }, undefined, 2)}\n`
}

function createKeys(directory: string, { node, random }: KeyFileOptions): void {
  mkdirSync(join(directory, '..'), { recursive: true })
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const seed = Buffer.from(random.bytes(seedBytes))
  const recoverySeed = Buffer.from(random.bytes(seedBytes))
  const { kid } = keyPairFromSeed(recoverySeed).key
  // First the recovery key: after a crash between the two, both are made again.
  writeRecovery(directory, { node, seed: recoverySeed }, false)
  writeWhole(join(directory, keyFile), textOf({ seeds: [seed], recovery: [kid] }))
}
