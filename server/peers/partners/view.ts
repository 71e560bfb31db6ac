import { fingerprint } from '#federation/operation-log.ts'
import type { Peer } from '#schema/api/peers.ts'
import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { listIntroducedOnly } from '#server/db/introductions.ts'
import { listWelcome } from '#server/db/peer-rules.ts'
import { isPartner, listApproved, listPeers as listRows, type PeerRow } from '#server/db/peers.ts'
import { findLookalikes } from '#server/policy/lookalikes.ts'
import { clockDeltaOf } from '../exchange/clocks.ts'
import { ownDocuments } from '../discovery/self.ts'

type Known = {
  readonly peers: Peer[]
  readonly fingerprint: string
  readonly introduced: { node: NodeId; by: NodeId }[]
  readonly developmentPeers: NodeId[]
  readonly next: NodeId | null
}

/** A page of the companies that this node knows, and our own fingerprint for those who compare. */
export async function listPeers(
  context: Context,
  page: { readonly after?: NodeId | undefined; readonly limit: number },
): Promise<Known> {
  const rows = await listRows(context.db, context.node, { after: page.after, limit: page.limit + 1 })
  const shown = rows.slice(0, page.limit)
  const next = rows.length > page.limit ? (shown.at(-1)?.node ?? null) : null
  const { log } = await ownDocuments(context)
  const trusted = await listTrusted(context)
  const peers = shown.map((row) => ({
    ...viewPeer(context, row),
    clockDeltaMs: clockDeltaOf(context, row.node),
    looksLike: lookalikeOf(row, trusted),
  }))
  const developmentPeers = [...(context.config.developmentPeers?.keys() ?? [])]
  const introduced = await listIntroducedOnly(context.db, context.node)
  return { peers, fingerprint: fingerprint(log.genesisHash), introduced, developmentPeers, next }
}

/** A peer as administrators see it. */
export function viewPeer(context: Pick<Context, 'clock'>, row: PeerRow): Peer {
  const { node, baseUrl, pinnedAt: since, lastSuccessAt, lastFailureAt, lastFailure, failingSince } = row
  return {
    node,
    state: stateOf(row),
    fingerprint: fingerprint(row.genesisHash),
    baseUrl,
    since,
    lastSuccessAt,
    lastFailureAt,
    lastFailure,
    clockDeltaMs: null,
    reach: reachOf(row, context.clock.now()),
    failingSince,
    looksLike: null,
    archivedAt: row.archivedAt,
  }
}

/** Whom somebody might want to be taken for. */
async function listTrusted({ db, node }: Context): Promise<NodeId[]> {
  return [node, ...(await listApproved(db, node)), ...(await listWelcome(db, limits.peerRulesMax))]
}

function lookalikeOf({ node, approved }: PeerRow, trusted: readonly NodeId[]): NodeId | null {
  return approved ? null : (findLookalikes(node, trusted)[0] ?? null)
}

/** By what it has not answered, and for the last step by what it has not said either (G7). */
function reachOf({ failingSince, heardAt }: PeerRow, now: number): Peer['reach'] {
  if (failingSince === null) return 'answers'
  if (now - Math.max(failingSince, heardAt ?? 0) >= limits.peerGoneMs) return 'gone'
  return now - failingSince >= limits.peerUnreachableMs ? 'unreachable' : 'failing'
}

function stateOf(row: PeerRow): Peer['state'] {
  if (row.conflict) return 'key-conflict'
  if (row.retiredAt !== null) return 'retired'
  if (row.blocked) return 'blocked'
  if (row.paused) return 'paused'
  if (isPartner(row)) return 'partner'
  if (row.approved) return 'waiting'
  if (row.approvedByThem) return 'asking'
  return row.endedAt === null ? 'known' : 'ended'
}
