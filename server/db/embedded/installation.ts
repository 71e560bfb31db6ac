import type { Account } from './account.ts'

/** Where everything of one embedded PostgreSQL stands, and as whom it runs. All paths are absolute. */
export type Installation = {
  readonly directory: string
  readonly programs: string
  readonly cluster: string
  readonly socket: string
  readonly account: Account
  readonly settings: Readonly<Record<string, string>>
}

// Our own environment stays with us: it holds secrets, and PG* variables or
// NODE_OPTIONS meant for somebody else.
export const bareEnvironment = { LC_ALL: 'C', TZ: 'UTC' }
