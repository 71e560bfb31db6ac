import type { Socket } from 'node:net'
import type { Space } from './space.ts'
import type { Store } from './store.ts'

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
