import { Hash, NodeId, SpaceId } from '#schema/ids.ts'
import { findBranchWish, putBranchWish } from '#server/db/branch-wishes.ts'
import { findOffered, listCuts } from '#server/db/epochs.ts'
import type { Db } from '#server/db/open.ts'
import { findSpace, type SpaceRow } from '#server/db/spaces.ts'
import { systemClock } from '#server/ports/clock.ts'
import { openDatabase } from './database.ts'
import { Failure } from './failure.ts'
import { databaseSettingsOf } from './place.ts'

// parley branches, choose-branch and take-epoch: a space whose log has branched. What is decided here is written down, and
// the running node does it: it may have to ask others for entries.

export type BranchesOptions = { readonly node?: string }
export type ChoiceOptions = BranchesOptions & { readonly from?: string }

type Print = (line: string) => void

export async function printBranches(
  environment: NodeJS.ProcessEnv,
  space: string,
  { node }: BranchesOptions,
  print: Print,
): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const db = await openDatabase(databaseSettingsOf({ environment, node }), opened)
  const { id, host, frozen, epoch, headSeq, headHash } = await spaceOf(db, space)
  print(`Hosted by ${host}. ${frozen === null ? 'Goes on' : `Frozen: ${frozen}`}.`)
  print(`Ends here at entry ${headSeq} of epoch ${epoch}: ${headHash}`)
  const offered = await findOffered(db, id)
  if (offered)
    print(
      `Offered: epoch ${offered.epoch}, behind entry ${offered.afterSeq} of epoch ${offered.afterEpoch}: ${offered.afterHash}`,
    )
  for (const cut of await listCuts(db, id))
    print(
      `Aside since ${timeOf(cut.cutAt)}: entries ${cut.first} to ${cut.last} of epoch ${cut.epoch}: ${cut.hash}`,
    )
  const wish = await findBranchWish(db, id)
  if (wish) print(`Decided ${timeOf(wish.askedAt)}: ${wish.outcome ?? 'waits for the running node'}.`)
}

/** parley choose-branch: the host goes on behind an entry. */
export async function chooseBranch(
  environment: NodeJS.ProcessEnv,
  choice: { readonly space: string; readonly seq: string; readonly hash: string },
  { node, from }: ChoiceOptions,
  print: Print,
): Promise<void> {
  const seq = Number(choice.seq)
  if (!/^[1-9]\d{0,14}$/.test(choice.seq))
    throw new Failure(2, `"${choice.seq}" is not the number of an entry.`)
  const hash = hashOf(choice.hash)
  const fromNode = from === undefined ? null : NodeId.safeParse(from).data
  if (fromNode === undefined) throw new Failure(2, `"${from}" is not the domain of a node.`)
  await using opened = new AsyncDisposableStack()
  const db = await openDatabase(databaseSettingsOf({ environment, node }), opened)
  const { id: spaceId } = await spaceOf(db, choice.space)
  const askedAt = systemClock.now()
  const wish = { spaceId, act: 'choose', epoch: null, seq, hash, fromNode, askedAt } as const
  await db.transaction().execute(async (tx) => await putBranchWish(tx, wish))
  print('The running node does it within half a minute. parley branches says what came of it.')
}

/** parley take-epoch: a follower goes with its host. */
export async function takeEpoch(
  environment: NodeJS.ProcessEnv,
  choice: { readonly space: string; readonly hash: string },
  { node }: BranchesOptions,
  print: Print,
): Promise<void> {
  const hash = hashOf(choice.hash)
  await using opened = new AsyncDisposableStack()
  const db = await openDatabase(databaseSettingsOf({ environment, node }), opened)
  const { id: spaceId } = await spaceOf(db, choice.space)
  const offered = await findOffered(db, spaceId)
  if (offered?.afterHash !== hash)
    throw new Failure(2, 'No epoch is offered that goes on from there.\nparley branches shows what is.')
  const { epoch } = offered
  const askedAt = systemClock.now()
  const wish = { spaceId, act: 'take', epoch, seq: null, hash, fromNode: null, askedAt } as const
  await db.transaction().execute(async (tx) => await putBranchWish(tx, wish))
  print('The running node does it within half a minute. parley branches says what came of it.')
}

async function spaceOf(db: Db, text: string): Promise<SpaceRow> {
  const id = SpaceId.safeParse(text)
  const row = id.success ? await findSpace(db, id.data) : undefined
  if (!row)
    throw new Failure(2, `There is no space "${text}" here.\nIts id stands in its address on the page.`)
  return row
}

function hashOf(text: string): Hash {
  const hash = Hash.safeParse(text)
  if (!hash.success) throw new Failure(2, `"${text}" is not the hash of an entry.`)
  return hash.data
}

function timeOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}
