import type { Socket } from 'node:net'

/** A space in memory, where its head is decided. Nothing is read back: a floor lives for one run. */
export type Space = {
  readonly id: string
  readonly host: string
  seq: number
  /** Of the last entry's bytes, base64url. */
  hash: string
  readonly watchers: Set<Socket>
  readonly followers: Set<string>
}

export type Entry = {
  readonly space: Space
  readonly seq: number
  readonly id: string
  readonly raw: Buffer
  readonly hash: string
}
