import { readEntry } from '#federation/chain.ts'
import { readDocument } from '#federation/document.ts'
import { readHeaderForm } from '#federation/event.ts'
import type { GenesisProof } from '#federation/genesis.ts'
import { proofKind } from '#federation/log-documents.ts'
import { accept, type Outcome, refuse } from '#federation/outcome.ts'
import { verifyJws } from '#federation/strict-jws.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Genesis } from '#schema/wire/invite.ts'
import type { Context } from '#server/context.ts'
import { listEntries, listProofs } from '#server/db/entries.ts'
import { awaitedKey } from '../discovery/past-keys.ts'
import { checkpointOf } from './checkpoints.ts'
import { wasCutOffAt } from './evidence.ts'

/** The beginning of a space that we host, with all that somebody needs to check that it is the one of its id. */
export async function genesisOf(context: Context, space: SpaceId): Promise<Genesis> {
  const { db } = context
  const [first] = await listEntries(db, space, { after: 0, limit: 1 })
  if (!first?.stateDigest) throw new Error('A space without a genesis cannot be shown to anybody.')
  const [proof] = await listProofs(db, space, first.proofHash === null ? [] : [first.proofHash])
  const { header, salt, content } = first
  return {
    event: { header, salt, content },
    ...(proof === undefined ? {} : { proof }),
    entry: first.text,
    checkpoint: checkpointOf(context, space, first, first.stateDigest),
  }
}

/**
 * The proof beside a genesis of another node's user, by whichever key the author's node had then (A4). Refuses when that
 * key cannot be looked up now, which says nothing about the genesis.
 */
export async function readGenesisProof(
  context: Context,
  host: NodeId,
  { event, entry, proof: text }: Genesis,
): Promise<Outcome<GenesisProof>> {
  const header = readHeaderForm(event.header)
  const placed = readEntry(entry)
  if (!header.ok || !placed.ok || header.value.origin === host || text === undefined) return accept(undefined)
  const document = readDocument(text, proofKind)
  if (!document.ok || document.value.payload.iss !== header.value.origin) return accept(undefined)
  const { jws, payload } = document.value
  const { kid } = jws.header
  const key = await awaitedKey(context, payload.iss, kid)
  if (!key.ok) return refuse('busy', 'author-key')
  if (key.value !== 'unknown') return accept(verifyJws(jws, key.value.key).ok ? { kid, payload } : undefined)
  const { at } = placed.value.body
  return accept((await wasCutOffAt(context, payload.iss, { kid, at })) ? 'unchecked' : undefined)
}
