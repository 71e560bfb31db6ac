import { convict, isShowable } from '#federation/conviction.ts'
import type { SpaceId } from '#schema/ids.ts'
import type { Evidence } from '#schema/wire/evidence.ts'
import type { Context } from '#server/context.ts'
import { findCheckpoint } from '#server/db/checkpoints.ts'
import { findStateDigest, listEntryTexts } from '#server/db/entries.ts'
import { findSpace, type SpaceRow } from '#server/db/spaces.ts'
import { checkpointOf } from '../log/checkpoints.ts'
import { keepEvidence, readCheckpoint, type SignedCheckpoint, verifyEvidence } from './evidence.ts'

/** Entry texts of the other history by their seq, as far as they are here. */
export type Texts = ReadonlyMap<number, string>

/**
 * Holds a checkpoint that somebody shows against the one that we have of the same log. Where they convict the host the
 * evidence is kept, and everybody is told. False: they do not, or the entries that would show it are not here.
 */
export async function confront(
  context: Context,
  space: SpaceId,
  { other, texts = new Map() }: { readonly other: SignedCheckpoint; readonly texts?: Texts },
): Promise<boolean> {
  const row = await findSpace(context.db, space)
  const ours = row && (await ourCheckpoint(context, row))
  if (!row || !ours) return false
  const evidence = await buildEvidence(context, { ours, other, texts })
  if (!evidence || !convict(ours.payload, other.payload, evidence.entries).ok) return false
  const verified = await verifyEvidence(context, { host: row.host, space }, evidence)
  if (!verified.ok) return false
  await keepEvidence(context, verified.value, evidence, { foundBy: context.node })
  return true
}

/** Of a log that we host it is signed now; of another one it is the last that came with a batch. */
export async function ourCheckpoint(context: Context, row: SpaceRow): Promise<SignedCheckpoint | undefined> {
  const text =
    row.host === context.node ? await signHead(context, row) : await findCheckpoint(context.db, row.id)
  const read = text === undefined ? undefined : await readCheckpoint(context, row.host, text)
  return read?.ok ? read.value : undefined
}

async function signHead(context: Context, row: SpaceRow): Promise<string | undefined> {
  const state = await findStateDigest(context.db, row.id, row.headSeq)
  const head = { epoch: row.epoch, seq: row.headSeq, hash: row.headHash }
  return state && checkpointOf(context, row.id, head, state)
}

type Sides = {
  readonly ours: SignedCheckpoint
  readonly other: SignedCheckpoint
  readonly texts: Texts
}

/** The two checkpoints, with the entries between them from whichever side is longer. */
async function buildEvidence(context: Context, sides: Sides): Promise<Evidence | undefined> {
  const { ours, other, texts } = sides
  const pair = { a: ours.text, b: other.text }
  const [mine, theirs] = [ours.payload, other.payload]
  if (mine.seq === theirs.seq) return pair
  if (!isShowable(mine, theirs)) return undefined
  if (mine.seq > theirs.seq) {
    const range = { after: theirs.seq, upTo: mine.seq }
    return { ...pair, entries: await listEntryTexts(context.db, mine.space, range) }
  }
  const length = theirs.seq - mine.seq
  const between = Array.from({ length }, (_, i) => texts.get(mine.seq + 1 + i))
  return between.includes(undefined) ? undefined : { ...pair, entries: between.map((text) => text!) }
}
