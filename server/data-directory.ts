import { join } from 'node:path'

/**
 * Where a node keeps what is its own when nobody says otherwise: below the home
 * directory, except for root, whose home may be entered by nobody else, while
 * PostgreSQL refuses to run as root and must reach its files.
 */
export function defaultDataDirectory(from: {
  uid: number
  home: string
  xdgDataHome?: string | undefined
}): string {
  if (from.uid === 0) return '/var/lib/parley'
  return join(from.xdgDataHome || join(from.home, '.local', 'share'), 'parley')
}
