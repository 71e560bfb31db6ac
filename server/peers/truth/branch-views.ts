import type { Branches } from '#schema/api/branches.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import { getHead } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { findOffered, listCuts, listSideEntries } from '#server/db/epochs.ts'
import { findSpace, listNodesOf, type SpaceRow } from '#server/db/spaces.ts'
import { Refusal } from '#server/refusal.ts'
import { callPeer } from '../exchange/call.ts'
import { readCheckpoint } from './evidence.ts'

/** What is known of the branches of a log. A host asks the others for the newest of its own words that they hold. */
export async function branchesOf(context: Context, space: SpaceId): Promise<Branches> {
  const { db } = context
  const row = await findSpace(db, space)
  if (!row || row.purging) throw new Refusal('not-found')
  const offered = await findOffered(db, space)
  return {
    space,
    host: row.host,
    frozen: row.frozen,
    head: { epoch: row.epoch, seq: row.headSeq, hash: row.headHash },
    offered: offered ? { epoch: offered.epoch, seq: offered.afterSeq, hash: offered.afterHash } : null,
    held: row.host === context.node ? await askHeads(context, row) : [],
    aside: await listCuts(db, space),
  }
}

async function askHeads(context: Context, { id, host }: SpaceRow): Promise<Branches['held']> {
  const nodes = ((await listNodesOf(context.db, [id])).get(id) ?? []).filter((node) => node !== host)
  return await Promise.all(nodes.map(async (node) => ({ node, head: await askHead(context, node, id) })))
}

async function askHead(
  context: Context,
  node: NodeId,
  space: SpaceId,
): Promise<Branches['held'][number]['head']> {
  const answer = await callPeer(context, node, { contract: getHead, params: { space }, space })
  const read = answer.ok ? await readCheckpoint(context, context.node, answer.value.checkpoint) : undefined
  if (!read?.ok || read.value.payload.space !== space) return null
  const { epoch, seq, hash } = read.value.payload
  return { epoch, seq, hash }
}

type Page = { readonly cutAt: number; readonly after: number; readonly limit: number }

/** Entries that were cut off, with what was written in them. */
export async function entriesAside({ db }: Context, space: SpaceId, page: Page) {
  const rows = await listSideEntries(db, space, page)
  return rows.map(({ epoch, seq, hash, at, sender, type, text, header, content }) => ({
    epoch,
    seq,
    hash,
    at,
    sender,
    type,
    entry: text,
    header,
    content,
  }))
}
