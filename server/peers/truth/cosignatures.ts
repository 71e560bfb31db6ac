import { readDocument } from '#federation/document.ts'
import { receiptKind } from '#federation/log-documents.ts'
import { verifyJws } from '#federation/strict-jws.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import {
  type CosignatureRow,
  listContradicting,
  listHeldCosignatures,
  putCosignature,
} from '#server/db/cosignatures.ts'
import { alone } from '#server/db/open.ts'
import { findSpace, listNodesOf, type SpaceRow } from '#server/db/spaces.ts'
import { alarmDaily } from '../alarm.ts'
import { peerKey } from '../discovery/discover.ts'
import { probeSpaces } from './probe.ts'

// What the other followers of a log have on disk, as its host passes it on. A host that gave them another log than us
// has to leave it out, which shows, or to hand us what contradicts it.

/** Takes in what came with a batch. Not on the way of its answer: keys of others may have to be looked up. */
export function takeCosignatures(context: Context, space: SpaceId, texts: readonly string[]): void {
  if (texts.length === 0) return
  context.tasks.spawn('cosignatures', async () => {
    const row = await findSpace(context.db, space)
    if (!row) return
    const held = new Set((await listHeldCosignatures(context.db, space)).map(({ jws }) => jws))
    const nodes = (await listNodesOf(context.db, [space])).get(space) ?? []
    for (const text of texts) {
      if (held.has(text)) continue
      const cosignature = await readCosignature(context, row, nodes, text)
      if (cosignature) await putCosignature(alone(context.db), cosignature)
    }
    await compareCosignatures(context, row)
  })
}

/** Only of nodes that take part by our own copy, so that a host cannot make us look for whomever it names (O5). */
async function readCosignature(
  context: Context,
  { id: space, host }: SpaceRow,
  nodes: readonly NodeId[],
  text: string,
): Promise<CosignatureRow | undefined> {
  const document = readDocument(text, receiptKind)
  if (!document.ok) return undefined
  const { jws, payload } = document.value
  const { iss: node, kept } = payload
  if (!kept || payload.space !== space || payload.aud !== host) return undefined
  if (node === host || node === context.node || !nodes.includes(node)) return undefined
  const key = await peerKey(context, node, jws.header.kid, 'ever')
  if (!key.ok || !verifyJws(jws, key.value).ok) return undefined
  return { spaceId: space, node, ...kept, jws: text, at: context.clock.now() }
}

/**
 * Does another follower hold what we do? The host has taken that receipt for one over its log, so if it is over another
 * one than ours, the host has two. Others can only be shown that by checkpoints, which we ask for.
 */
export async function compareCosignatures(context: Context, { id, host, frozen }: SpaceRow): Promise<void> {
  for (const { node, seq } of await listContradicting(context.db, id)) {
    const detail = `${node} has confirmed another entry ${seq}, and the host has passed that on`
    await alarmDaily(context, { kind: 'cosignature-conflict', peer: host, space: id, detail, freeze: true })
    if (frozen === null) await probeSpaces(context, node, [id])
  }
}
