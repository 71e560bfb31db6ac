import { chmodSync, chownSync, mkdirSync, statSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import type { Account } from './account.ts'

// The directory itself stays ours, also when PostgreSQL runs as somebody else:
// root writes a log and a lock in it, and must not follow a link that the other
// account has planted there. Only what PostgreSQL writes is given away.

export function prepareDirectory(directory: string, account: Account): void {
  const lent = account.spawn.uid !== undefined
  const first = mkdirSync(directory, { recursive: true, mode: lent ? 0o755 : 0o700 })
  // Root often has a umask that would shut the other account out.
  if (first && lent) for (const made of pathFrom(first, directory)) chmodSync(made, 0o755)
  if (lent) return refuseIfShut(directory, account)
  if (statSync(directory).uid !== account.uid) {
    throw new Error(`${directory} belongs to another user than ${account.name}; run Parley as that one.`)
  }
}

export function giveAway(directory: string, account: Account): void {
  chmodSync(directory, 0o700)
  if (account.spawn.uid !== undefined) chownSync(directory, account.uid, account.gid)
}

// PostgreSQL would say that it misses a library, which helps nobody.
function refuseIfShut(directory: string, account: Account): void {
  const shut = pathFrom('/', directory).find((path) => !mayEnter(statSync(path), account))
  if (!shut) return
  throw new Error(
    `PostgreSQL runs as ${account.name}, who may not enter ${shut}. ` +
      'Choose another data directory, or open that one with chmod o+x.',
  )
}

function mayEnter(stats: Stats, account: Account): boolean {
  if (stats.uid === account.uid) return (stats.mode & 0o100) !== 0
  if (stats.gid === account.gid) return (stats.mode & 0o010) !== 0
  return (stats.mode & 0o001) !== 0
}

/** Every directory from the first to the last, which lies below it, both included. */
function pathFrom(first: string, last: string): string[] {
  return last === first || last === '/' ? [last] : [...pathFrom(first, dirname(last)), last]
}
