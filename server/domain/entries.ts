import { isEventType, isStateType } from '#schema/event/types.ts'
import type { Entry, PendingEntry } from '#schema/entry.ts'
import type { SpaceId, UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { listEntries as listRows, type ReadEntry } from '#server/db/entries.ts'
import { listPendingFor, type PendingRow } from '#server/db/pending.ts'
import type { Actor } from './actor.ts'
import { spaceOrBegun } from './begun.ts'
import { findHidden } from './hidden.ts'
import { isUser, viewPeople, type Viewpoint, viewpointOf } from './people.ts'

/** A page of a log from where the reader's history begins, with what of their own is not in it yet (§8.2). */
export async function listEntries(
  context: Context,
  actor: Actor,
  input: { readonly spaceId: SpaceId; readonly after: number; readonly limit: number },
): Promise<{
  entries: Entry[]
  fromSeq: number
  headSeq: number
  cuts: number
  pending: PendingEntry[]
}> {
  const space = await spaceOrBegun(context, actor, input.spaceId)
  // Not beyond what there was when the door said yes: behind it they may have been removed.
  const rows = await listRows(context.db, space.id, {
    limit: input.limit,
    after: Math.max(input.after, space.fromSeq - 1),
    upTo: space.headSeq,
  })
  const pending = space.host === context.node ? [] : await listPendingFor(context.db, actor.userId, space.id)
  return {
    entries: await viewEntries(context, viewpointOf(actor), rows),
    fromSeq: space.fromSeq,
    headSeq: space.headSeq,
    cuts: space.cuts,
    pending: pending.map(viewPending),
  }
}

export type Readable = Pick<
  ReadEntry,
  'spaceId' | 'seq' | 'eventId' | 'type' | 'at' | 'sender' | 'standing' | 'disputed' | 'content'
>

/** Entries as people read them: names beside ids, and nothing shown as somebody's that is not proved to be. */
export async function viewEntries(
  context: Context,
  viewpoint: Viewpoint,
  rows: readonly Readable[],
): Promise<Entry[]> {
  const hides = await findHidden(context, rows)
  const entries = rows.map((row) => {
    const { spaceId: space, seq, eventId: id, type, at, sender, disputed } = row
    const isKnown = row.standing !== 'verified' || isEventType(type)
    const known: Entry['standing'] = isKnown ? row.standing : 'unsupported'
    const standing: Entry['standing'] = hides(space, sender) ? 'held' : known
    const content: Entry['content'] =
      standing === 'verified' && row.content !== null ? JSON.parse(row.content) : null
    return { space, seq, id, type, at, sender, standing, disputed, content, named: namedBy(type, content) }
  })
  const users = entries.flatMap(({ sender, named }) => (isUser(sender) ? [sender, ...named] : named))
  const people = await viewPeople(context, viewpoint, users)
  return entries.map(({ named, ...entry }) => ({
    ...entry,
    person: isUser(entry.sender) ? people.get(entry.sender)! : null,
    people: named.map((user) => people.get(user)!),
  }))
}

/** Those whose membership an entry is about. Whom a text mentions is not looked up: anybody can write any id. */
function namedBy(type: string, content: unknown): UserId[] {
  if (content === null || !isStateType(type)) return []
  const named = content as { user?: UserId; by?: UserId; recipients?: { users: UserId[] } }
  const { user, by, recipients } = named
  return [user, by, ...(recipients?.users ?? [])].filter((one) => one !== undefined)
}

function viewPending({ eventId: id, header, state, code, content }: PendingRow): PendingEntry {
  const { type } = JSON.parse(header) as { type: string }
  return { id, type, state, code, content: JSON.parse(content) }
}
