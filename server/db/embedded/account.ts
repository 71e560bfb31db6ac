import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { userInfo } from 'node:os'

/** The system user that PostgreSQL runs as. `spawn` is empty unless it is another one than ours. */
export type Account = {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly spawn: { uid?: number; gid?: number }
}

/**
 * PostgreSQL refuses to run as root, so root lends it another account. A cluster
 * that exists decides: its owner stays, whoever has been installed since.
 */
export function findAccount(cluster: string): Account {
  const { uid, gid, username } = userInfo()
  if (uid !== 0) return { name: username, uid, gid, spawn: {} }
  const found = ownerOf(cluster) ?? lookUp('postgres') ?? lookUp('nobody')
  if (found) return { ...found, spawn: { uid: found.uid, gid: found.gid } }
  throw new Error(
    'PostgreSQL does not run as root, and there is no user "postgres" or "nobody" to run it as.',
  )
}

function ownerOf(cluster: string): Omit<Account, 'spawn'> | undefined {
  const stats = statSync(cluster, { throwIfNoEntry: false })
  if (!stats || stats.uid === 0) return undefined
  return { name: `user ${stats.uid}`, uid: stats.uid, gid: stats.gid }
}

function lookUp(name: string): Omit<Account, 'spawn'> | undefined {
  try {
    return { name, uid: idOf('-u', name), gid: idOf('-g', name) }
  } catch {
    return undefined
  }
}

function idOf(which: '-u' | '-g', name: string): number {
  return Number(execFileSync('id', [which, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
}
