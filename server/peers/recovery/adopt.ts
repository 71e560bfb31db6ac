import type { Head } from '#federation/chain.ts'
import { noHash } from '#federation/chain.ts'
import { checkpointKind } from '#federation/log-documents.ts'
import { receive } from '#federation/replica.ts'
import type { SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { pullCopy } from '#schema/wire/recovery.ts'
import type { Batch } from '#schema/wire/log.ts'
import type { Context } from '#server/context.ts'
import { findEntryHash } from '#server/db/entries.ts'
import type { ClaimRow } from '#server/db/recovery.ts'
import { findSpace, loadStates } from '#server/db/spaces.ts'
import { adoptEntries } from '#server/log/adopt.ts'
import { alarm } from '../alarm.ts'
import { callPeer } from '../exchange/call.ts'
import { gatherEvidence } from '../log/evidence.ts'
import { readEntries } from '../log/receive.ts'
import { readOurs } from './ask.ts'

/** `later`: whoever holds it cannot be asked now. `lost`: nobody has what lies between. */
export type Adopted = 'done' | 'later' | 'lost' | 'fork'

/**
 * Takes a log that we host back from those who hold more of it than we do: the longest, as far as it leads from our
 * head to a checkpoint of our own (SPEC B6). Two that are not one are a fork, which an administrator has to see.
 */
export async function adoptSpace(
  context: Context,
  space: SpaceId,
  claims: readonly ClaimRow[],
): Promise<Adopted> {
  const { headSeq = 0 } = (await findSpace(context.db, space)) ?? {}
  const longer = claims.filter(({ seq }) => seq > headSeq).toSorted((a, b) => b.seq - a.seq)
  let outcome: Adopted = 'done'
  for (const claim of longer) {
    outcome = await takeBack(context, claim)
    if (outcome === 'done' || outcome === 'fork') break
  }
  if (outcome !== 'done' && outcome !== 'fork') return outcome
  for (const claim of claims) {
    const held = await findEntryHash(context.db, space, claim.seq)
    if (outcome === 'done' && held === claim.hash) continue
    await freeze(context, claim, `our own checkpoint at seq ${claim.seq} is of another history`)
    return 'fork'
  }
  return outcome
}

async function takeBack(context: Context, claim: ClaimRow): Promise<Adopted> {
  const { spaceId: space, node } = claim
  const row = await findSpace(context.db, space)
  const head: Head = row ? { epoch: row.epoch, seq: row.headSeq, hash: row.headHash } : beginning
  const checkpoint = await readOurs(context, claim.jws, checkpointKind)
  if (!checkpoint) return 'lost'
  const pages = await fetchPages(context, claim, head)
  if (!pages) return 'later'
  const incoming = pages.flatMap(readEntries).filter(({ entry }) => entry.body.seq <= claim.seq)
  // It begins behind our head, where its history begins.
  if (incoming[0]?.entry.body.seq !== head.seq + 1) return 'lost'
  const proofs = pages.flatMap((page) => page.proofs)
  const state = row && (await loadStates(context.db, [space])).get(space)
  const replica = { space, host: context.node, head, state }
  const evidence = await gatherEvidence(context, space, { incoming, proofs, head: head.seq })
  const verdict = receive(replica, { entries: incoming, checkpoint: checkpoint.payload }, evidence)
  if (verdict.do === 'fork') return 'fork'
  if (verdict.do !== 'apply') {
    const detail = `what ${node} holds does not lead to our own checkpoint at seq ${claim.seq}`
    await alarm(context, { kind: 'bad-past', peer: node, space, detail, freeze: false })
    return 'lost'
  }
  return (await adoptEntries(context, context.log, { ...verdict, ...evidence, replica })) ? 'done' : 'later'
}

const beginning: Head = { epoch: 1, seq: 0, hash: noHash }

/** All that a node holds behind our head, up to its claim. Undefined: it did not give it. */
export async function fetchPages(
  context: Context,
  { spaceId: space, node, seq: last }: Pick<ClaimRow, 'spaceId' | 'node' | 'seq'>,
  head: Pick<Head, 'seq'>,
): Promise<Batch[] | undefined> {
  const pages: Batch[] = []
  for (let after = head.seq; after < last && after - head.seq < limits.adoptedEntriesMax;) {
    const answer = await callPeer(context, node, {
      contract: pullCopy,
      params: { space },
      query: { after },
      space,
    })
    if (!answer.ok) return undefined
    const seq = readEntries(answer.value).at(-1)?.entry.body.seq
    if (seq === undefined || seq <= after) return pages
    pages.push(answer.value)
    after = seq
  }
  return pages
}

async function freeze(context: Context, { node, spaceId }: ClaimRow, detail: string): Promise<void> {
  await alarm(context, { kind: 'fork', peer: node, space: spaceId, detail, freeze: true })
}
