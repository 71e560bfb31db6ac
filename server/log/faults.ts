import { Refusal } from '#server/refusal.ts'

/** How an error of the database is to be met. */
export type DatabaseFault =
  /** 40P01, 40001: somebody else came first; the same again may succeed. */
  | 'conflict'
  /** The connection broke while COMMIT was under way, or after: the rows may be there. */
  | 'unknown-outcome'
  /** Down, read-only, full, or out of connections: nothing was written. */
  | 'storage'
  | 'other'

/** Marks an error that came after COMMIT was sent, where even a plain one means that nobody knows (stack.md 2.6). */
export class CommitError extends Error {
  override name = 'CommitError'
}

/** Another process has begun the same space meanwhile: once more, and it is found there. */
export class OvertakenError extends Error {
  override name = 'OvertakenError'
  readonly code = '40001'
}

export function faultOf(error: unknown): DatabaseFault {
  if (error instanceof CommitError) return 'unknown-outcome'
  const code = (error as { code?: unknown }).code
  if (typeof code !== 'string') return isBrokenConnection(error) ? 'storage' : 'other'
  if (code === '40P01' || code === '40001') return 'conflict'
  if (/^(?:08|53|57P|25006|55P03|57014|ECONN|ENOENT|EPIPE|ETIMEDOUT)/.test(code)) return 'storage'
  return 'other'
}

function isBrokenConnection(error: unknown): boolean {
  return error instanceof Error && /connection|timeout exceeded|pool/i.test(error.message)
}

/** What whoever asked is told of a fault: nothing of it, except of a database that is away or in conflict, which passes. */
export function refusalOfFault(error: unknown): Refusal {
  const fault = typeof error === 'object' && error !== null ? faultOf(error) : 'other'
  if (fault === 'storage') return new Refusal('storage-unavailable', {}, { cause: error })
  if (fault === 'conflict') return new Refusal('busy', {}, { cause: error })
  return new Refusal('internal', {}, { cause: error })
}
