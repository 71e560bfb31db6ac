import { readDocument } from '#federation/document.ts'
import { fenceReceiptKind, purgeKind } from '#federation/fence.ts'
import type { SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Person } from '#schema/person.ts'
import type { Removal, RemovalRecord, RemovalState } from '#schema/removal.ts'
import type { Context } from '#server/context.ts'
import {
  listRemovalRecords as listRecords,
  listRemovalsFrom,
  type RemovalPlace,
  type RemovalRow,
} from '#server/db/removals.ts'
import { Refusal } from '#server/refusal.ts'
import { spaceForReader } from './access.ts'
import type { Actor } from './actor.ts'
import { viewPeople, viewpointOf } from './people.ts'

// What became of the removals of people of other companies, for those who share the space with them and for records.

/** Removals from a space that is hosted here; where another company hosts it, that company knows. */
export async function listRemovals(
  context: Context,
  actor: Actor,
  id: SpaceId,
): Promise<{ removals: Removal[] }> {
  const space = await spaceForReader(context, actor, id)
  if (space.host !== context.node) return { removals: [] }
  const now = context.clock.now()
  const since = now - limits.removalShownMs
  const rows = await listRemovalsFrom(context.db, context.node, id, { since, limit: limits.pageLengthMax })
  const people = rows.flatMap(({ subject }) => (subject === '*' ? [] : [subject]))
  const known = await viewPeople(context, viewpointOf(actor), people)
  return {
    removals: rows.map((row) =>
      viewRemoval(row, row.subject === '*' ? null : (known.get(row.subject) ?? null), now),
    ),
  }
}

function viewRemoval(row: RemovalRow, person: Person | null, now: number): Removal {
  const { node, at, named, ackedAt, purgeAckedAt } = row
  const isDone = named ? purgeAckedAt !== null : ackedAt !== null
  return {
    node,
    person,
    state: stateOf(row),
    at,
    deniedAt: ackedAt,
    purgedAt: named && !row.held ? row.purgedAt : null,
    overdue: !isDone && now - at >= limits.purgeOverdueMs,
    backupDays: backupDaysOf(row),
  }
}

function stateOf({ named, ackedAt, purgeAckedAt, held }: RemovalRow): RemovalState {
  if (named && purgeAckedAt !== null) return held ? 'held' : 'purged'
  if (ackedAt === null) return 'sent'
  return named ? 'purging' : 'denied'
}

/** As their node has said last. What is stored was verified when it came. */
function backupDaysOf({ named, purgeReceipt, receipt }: RemovalRow): number | null {
  if (named && purgeReceipt !== null) {
    const said = readDocument(purgeReceipt, purgeKind)
    if (said.ok) return said.value.payload.backup_days
  }
  const said = receipt === null ? undefined : readDocument(receipt, fenceReceiptKind)
  return said?.ok ? said.value.payload.backup_days : null
}

/** Every removal between companies with its proofs. */
export async function listRemovalRecords(
  context: Context,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<{ removals: RemovalRecord[]; next: string | null }> {
  const after = page.after === undefined ? undefined : placeOf(page.after)
  const rows = await listRecords(context.db, context.node, { after, limit: page.limit })
  const last = rows.length === page.limit ? rows.at(-1) : undefined
  return {
    removals: rows.map(recordOf),
    next: last ? `${last.at}.${last.peer}.${last.n}` : null,
  }
}

function recordOf(row: Awaited<ReturnType<typeof listRecords>>[number]): RemovalRecord {
  const { host, node, n, spaceId: space, subject, action, at, jws: fence, receipt, spaces } = row
  return { host, node, n, space, subject, action, at, fence, receipt, purge: row.purgeReceipt, spaces }
}

function placeOf(text: string): RemovalPlace {
  const [at, ...rest] = text.split('.')
  const n = Number(rest.pop())
  if (rest.length === 0) throw new Refusal('bad-cursor')
  return { at: Number(at), peer: rest.join('.'), n }
}
