import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { Given, ReplyOf } from '#schema/wire/endpoint.ts'
import type { compareHeads } from '#schema/wire/endpoints.ts'
import { readDocument } from '#federation/document.ts'
import { checkpointKind } from '#federation/log-documents.ts'
import type { Context } from '#server/context.ts'
import { findEntryHash } from '#server/db/entries.ts'
import { findSpace, type SpaceRow } from '#server/db/spaces.ts'
import { findServed } from '../log/served.ts'
import { wantSpace } from '../log/wanted.ts'
import { confront } from './confront.ts'
import { readCheckpoint, type SignedCheckpoint } from './evidence.ts'
import { takesPart } from './heads.ts'

// What is said to another node about the heads that it holds. A follower is told which of them are other than ours; a
// node that follows the same log of a third one, only whether it holds the same entry.

type Heads = Given<typeof compareHeads, 'body'>
type HeadsAnswer = ReplyOf<typeof compareHeads>
type Line = Heads['spaces'][number]

/** Which of these heads are other than ours; spaces that the node does not take part in are unknown to it. */
export async function compareHeadsWith(
  context: Context,
  node: NodeId,
  { spaces, proofs = [] }: Heads,
): Promise<HeadsAnswer> {
  const differ: HeadsAnswer['differ'] = []
  const unknown: SpaceId[] = []
  const shown = readProofs(proofs)
  for (const line of spaces) {
    const [space, , seq, hash] = line
    const row = await findSpace(context.db, space)
    const told = row && (await compare(context, node, { row, line, proof: shown.get(space) }))
    // A host says what it has where a follower lacks very much (G3).
    if (row?.host === node && seq > row.headSeq) wantSpace(context, node, space)
    if (!row || told === undefined) unknown.push(space)
    else if (told === 'differ') differ.push([space, row.epoch, row.headSeq, row.headHash])
    else if (told === 'contradicted') differ.push([space, row.epoch, seq, hash])
  }
  return { differ, unknown }
}

/** The checkpoints as they say of themselves; each is verified where it matters. */
function readProofs(texts: readonly string[]): Map<SpaceId, string> {
  return new Map(
    texts.flatMap((text): [SpaceId, string][] => {
      const document = readDocument(text, checkpointKind)
      return document.ok ? [[document.value.payload.space, text]] : []
    }),
  )
}

type Asked = { readonly row: SpaceRow; readonly line: Line; readonly proof: string | undefined }

/** Undefined: the node is told nothing about this space. `contradicted`: it only learns that, and not our head. */
async function compare(
  context: Context,
  node: NodeId,
  { row, line, proof: text }: Asked,
): Promise<'same' | 'differ' | 'contradicted' | undefined> {
  const [, , seq, hash] = line
  const isHost = row.host === context.node
  const isPart = isHost
    ? (await findServed(context, node, row.id)) !== undefined
    : node === row.host || (await takesPart(context, node, row))
  const ours = seq === row.headSeq ? row.headHash : await findEntryHash(context.db, row.id, seq)
  const isContrary = ours !== undefined && ours !== hash
  const proof = isPart && !isContrary ? undefined : await verifyProof(context, row, line, text)
  if (isContrary && proof) {
    context.tasks.spawn('confront', async () => void (await confront(context, row.id, { other: proof })))
  }
  // Between a host and a follower the whole log counts; between followers, what both have.
  const isBetween = !isHost && node !== row.host
  if (isPart) return (isBetween ? ours : row.headHash) === hash ? 'same' : 'differ'
  if (!proof || isHost) return undefined
  return isContrary ? 'contradicted' : 'same'
}

async function verifyProof(
  context: Context,
  { host }: SpaceRow,
  [space, epoch, seq, hash]: Line,
  text: string | undefined,
): Promise<SignedCheckpoint | undefined> {
  const read = text === undefined ? undefined : await readCheckpoint(context, host, text)
  if (!read?.ok) return undefined
  const { payload } = read.value
  const isIt =
    payload.space === space && payload.epoch === epoch && payload.seq === seq && payload.hash === hash
  return isIt ? read.value : undefined
}
