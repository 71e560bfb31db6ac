import { argon2, timingSafeEqual } from 'node:crypto'
import type { Context } from '#server/context.ts'
import { Refusal } from '#server/refusal.ts'

// Passwords as argon2id in the PHC string format, so that each hash says what it cost and a dearer setting
// leaves the old ones readable. Hashing runs in the thread pool, a few at a time: a flood of sign-ins may make
// sign-ins slow, and nothing else.

const saltBytes = 16
const tagBytes = 32
const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

type Recipe = {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
  readonly nonce: Uint8Array
}

export async function hashPassword(context: Context, password: string): Promise<string> {
  const { memory, passes, parallelism } = context.config.passwordCost
  const nonce = context.random.bytes(saltBytes)
  const tag = await derive(context, password, { memory, passes, parallelism, nonce })
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(tag)}`
}

/**
 * Whether a password is the one that was hashed. Without a hash it works as hard and says no, so that nobody
 * learns from the time it takes which handles exist.
 */
export async function isPassword(
  context: Context,
  password: string,
  hash: string | undefined,
): Promise<boolean> {
  const { recipe, tag } = hash === undefined ? noHash(context) : readHash(hash)
  const found = await derive(context, password, recipe)
  return timingSafeEqual(found, tag) && hash !== undefined
}

function noHash(context: Context): { recipe: Recipe; tag: Uint8Array } {
  const recipe = { ...context.config.passwordCost, nonce: new Uint8Array(saltBytes) }
  return { recipe, tag: new Uint8Array(tagBytes) }
}

function readHash(hash: string): { recipe: Recipe; tag: Uint8Array } {
  const [, memory, passes, parallelism, salt, tag] = phc.exec(hash) ?? []
  if (salt === undefined || tag === undefined) throw new Error('A stored password is no argon2id hash.')
  const recipe = {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    nonce: Buffer.from(salt, 'base64'),
  }
  return { recipe, tag: Buffer.from(tag, 'base64') }
}

async function derive(context: Context, password: string, recipe: Recipe): Promise<Uint8Array> {
  // What two keyboards write differently is the same password.
  const message = password.normalize('NFKC')
  const work = context.hashing.run(
    async () =>
      await new Promise<Uint8Array>((resolve, reject) => {
        argon2('argon2id', { ...recipe, message, tagLength: tagBytes }, (error, tag) => {
          if (error) reject(error)
          else resolve(tag)
        })
      }),
  )
  if (!work) throw new Refusal('busy')
  return await context.activity.track(work)
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '')
}
