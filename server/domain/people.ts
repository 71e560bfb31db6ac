import { nodeOf, type UserId } from '#schema/ids.ts'
import type { Person } from '#schema/person.ts'
import type { Context } from '#server/context.ts'

/** Somebody as our workspace sees them. Who has not told us a name is called by the beginning of their id. */
export function personOf(context: Context, id: UserId, name: string | null | undefined): Person {
  const node = nodeOf(id)
  return { id, name: name ?? id.slice(0, 10), node, external: node !== context.node }
}
