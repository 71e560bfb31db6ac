import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Account } from './account.ts'
import { giveAway } from './directory.ts'

export const socketPort = 5432
// The shorter of two limits, which is that of macOS; Linux allows 107 bytes.
// PostgreSQL only warns about a longer path, in its log.
const socketPathBytesMax = 103

export function socketUrl(socket: string, database: string): string {
  return `postgresql://postgres@localhost:${socketPort}/${database}?host=${encodeURIComponent(socket)}`
}

export function prepareSocketDirectory(directory: string, account: Account): string {
  const beside = join(directory, 'socket')
  const socket = isUsable(beside) ? beside : shortDirectory(directory, account)
  const made = mkdirSync(socket, { recursive: true, mode: 0o700 })
  if (made) giveAway(socket, account)
  refuseIfForeign(socket, account)
  return socket
}

function isUsable(directory: string): boolean {
  // PostgreSQL reads the setting as a list.
  if (/[,"]/.test(directory)) return false
  return Buffer.byteLength(join(directory, `.s.PGSQL.${socketPort}`)) <= socketPathBytesMax
}

function shortDirectory(directory: string, account: Account): string {
  const digest = createHash('sha256').update(directory).digest('hex').slice(0, 16)
  return `/tmp/parley-${account.uid}-${digest}`
}

// Everybody may write in /tmp: one who guesses the name could have made the
// directory before us, and would then be asked for our data.
function refuseIfForeign(socket: string, account: Account): void {
  const stats = lstatSync(socket)
  const ours = stats.isDirectory() && stats.uid === account.uid && (stats.mode & 0o077) === 0
  if (!ours) throw new Error(`${socket} must be a directory of ${account.name} that nobody else may enter.`)
}
