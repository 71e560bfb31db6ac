import type { Socket } from 'node:net'
import type { Store } from './store.ts'

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

export type Spaces = {
  open(id: string, host: string): Promise<Space>
  get(id: string): Space
}

export function openSpaces(store: Store): Spaces {
  const known = new Map<string, Space>()
  return {
    async open(id, host) {
      await store.insertSpace(id, host)
      const space = { id, host, seq: 0, hash: '', watchers: new Set<Socket>(), followers: new Set<string>() }
      known.set(id, space)
      return space
    },
    get(id) {
      const space = known.get(id)
      if (!space) throw new Error(`There is no space ${id}.`)
      return space
    },
  }
}
