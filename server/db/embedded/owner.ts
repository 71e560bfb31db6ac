import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * Makes this process the only one that starts and stops the PostgreSQL of a
 * directory. The lock is the kernel's, taken through SQLite because Node offers
 * none itself: it ends with the process however that dies, so there is no stale
 * lock to judge, and no process id that somebody else has been given since.
 * Whoever opens and closes the lock file by other means in this process loses it.
 */
export function takeOwnership(directory: string): { release(): void } {
  const holder = join(directory, 'owner.pid')
  const lock = new DatabaseSync(join(directory, 'owner.lock'), { timeout: 0 })
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    if (!isBusy(cause)) throw cause
    const process = readHolder(holder)
    throw new Error(`The data directory ${dirname(directory)} is in use by ${process}.`, { cause })
  }
  writeFileSync(holder, `${process.pid}\n`)
  return {
    release() {
      if (lock.isOpen) lock.close()
    },
  }
}

const sqliteBusy = 5

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy
}

function readHolder(path: string): string {
  try {
    return `process ${readFileSync(path, 'utf8').trim()}`
  } catch {
    return 'another process'
  }
}
