import { noHash } from '#federation/chain.ts'
import type { SpaceCreate } from '#schema/event/space-create.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import type { ReachedSpace } from '#server/db/access.ts'
import { listCompanies } from '#server/db/companies.ts'
import { findBegun, listBegun, type PendingRow } from '#server/db/pending.ts'
import { spaceForReader } from './access.ts'
import type { Actor } from './actor.ts'

// A thread that somebody has started where another company hosts is theirs alone until its host has it: they see it,
// and write in it, as a space of which no entry is here yet.

/** How far it has come, and the groups that it is to address with the companies that come with them. */
type Begun = Pick<PendingRow, 'state' | 'code'> & {
  readonly groups: readonly { readonly groupId: SpaceId; readonly title: string | null }[]
  readonly nodes: readonly NodeId[]
}

type BegunSpace = ReachedSpace & { readonly begun: Begun }
/** A space as its reader sees it; `begun` until its host's log has it. */
export type KnownSpace = ReachedSpace & { readonly begun?: Begun }

/** A space that the actor reaches, or a thread that they have started and that is in no log here yet. */
export async function spaceOrBegun(context: Context, actor: Actor, id: SpaceId): Promise<KnownSpace> {
  const reached = await context.reads.reached({ user: actor.userId, space: id })
  if (reached) return reached
  const row = await findBegun(context.db, actor.userId, id)
  // Between the two looks the log may have come, which has ended the row.
  return row ? await viewBegun(context, actor, row) : await spaceForReader(context, actor, id)
}

export async function listBegunBy(
  context: Context,
  actor: Actor,
  page: { readonly limit: number; readonly before?: number | undefined },
): Promise<BegunSpace[]> {
  const rows = await listBegun(context.db, actor.userId, page)
  return await Promise.all(rows.map(async (row) => await viewBegun(context, actor, row)))
}

async function viewBegun(context: Context, actor: Actor, row: PendingRow): Promise<BegunSpace> {
  const { settings, recipients } = JSON.parse(row.content) as SpaceCreate
  // Their own words stay theirs; it can be written in as long as its groups can.
  const reached = await Promise.all(
    recipients.groups.map(async (space) => await context.reads.reached({ user: actor.userId, space })),
  )
  const known = reached.filter((group) => group !== undefined)
  const groups = recipients.groups.map((groupId, i) => ({ groupId, title: reached[i]?.title ?? null }))
  const nodes = [
    ...new Set([
      context.node,
      row.host,
      ...(await listCompanies(
        context.db,
        known.map(({ id }) => id),
      )),
    ]),
  ]
  return {
    id: row.spaceId,
    kind: 'thread',
    host: row.host,
    epoch: 1,
    starter: row.sender,
    title: settings.title ?? null,
    headSeq: 0,
    headHash: noHash,
    headAt: row.createdAt,
    createdAt: row.createdAt,
    frozen: known.find(({ frozen }) => frozen !== null)?.frozen ?? null,
    baseSeq: 0,
    baseHash: null,
    snapshotSeq: 0,
    threadsListedAt: null,
    purging: false,
    withheld: false,
    cuts: 0,
    fromSeq: 1,
    access: known.find(({ access }) => access !== 'open')?.access ?? 'open',
    begun: { state: row.state, code: row.code, groups, nodes },
  }
}
