import { includesThread, isAtLeast } from '#federation/reach.ts'
import type { SpaceId } from '#schema/ids.ts'
import type { EntryBody, LogPosition } from '#schema/wire/event.ts'
import type { Context } from '#server/context.ts'
import { findAnchor, listRecheckable, type Recheckable, settleAttested } from '#server/db/attested.ts'
import { findEntryPlace } from '#server/db/entries.ts'
import { findMemberAt } from '#server/db/members.ts'
import { alarm } from '../alarm.ts'
import { Bounded, perNode } from '../per-node.ts'

// A thread leans on the logs of its groups, which come another way and may be behind (A20). We wait for them a little,
// then take the host's word, and look again when they are here.

const patienceMs = 30_000
const recheckedAtOnce = 200
const waitingSince = perNode(() => new Bounded<SpaceId, number>(1_000))

/** Are entries of this thread worth waiting for the groups that they lean on? Not for longer than half a minute. */
export function isWorthWaiting(context: Context, thread: SpaceId): boolean {
  const waiting = waitingSince(context)
  const now = context.clock.now()
  const since = waiting.get(thread) ?? now
  waiting.set(thread, since)
  return now - since < patienceMs
}

/** The thread has come on: the next time is a new wait. */
export function waitNoMore(context: Context, thread: SpaceId): void {
  waitingSince(context).delete(thread)
}

/** Looks again at what was applied on the host's word, as far as our copies of the groups have come. */
export async function recheckAttested(context: Context): Promise<void> {
  for (const entry of await listRecheckable(context.db, recheckedAtOnce)) await recheck(context, entry)
}

async function recheck(context: Context, entry: Recheckable): Promise<void> {
  const { spaceId: space, seq, host: peer, text, isState } = entry
  const { via = [], anchor = [] } = JSON.parse(text) as EntryBody
  const contradicted = await findContradicted(context, [...via, ...anchor])
  const isSound = await mayHaveWritten(context, entry, isState ? anchor : via)
  await context.db
    .transaction()
    .execute(async (tx) => await settleAttested(tx, entry, isSound && contradicted.length === 0))
  for (const group of contradicted) {
    const detail = 'a thread leans on another history of this group'
    await alarm(context, { kind: 'fork', peer, space: group, detail, freeze: true })
    await alarm(context, { kind: 'fork', peer, space, detail, freeze: true })
  }
  if (isSound) return
  const detail = `event at seq ${seq}: its group says otherwise`
  await alarm(context, { kind: 'unverified-event', peer, space, detail, freeze: isState })
}

async function findContradicted({ db }: Context, positions: readonly LogPosition[]): Promise<SpaceId[]> {
  const contradicted: SpaceId[] = []
  for (const { space, epoch, seq, hash } of positions) {
    const held = await findEntryPlace(db, space, seq)
    if (held && held.epoch === epoch && held.hash !== hash) contradicted.push(space)
  }
  return contradicted
}

/** One route that holds by our copies is enough, and one that we cannot check is the host's word. */
async function mayHaveWritten(
  { db }: Context,
  { spaceId, seq, sender }: Recheckable,
  positions: readonly LogPosition[],
): Promise<boolean> {
  for (const position of positions) {
    const held = await findEntryPlace(db, position.space, position.seq)
    if (held?.epoch !== position.epoch) return true
    const member = await findMemberAt(db, position.space, sender, position.seq)
    if (!member || !isAtLeast(member.role, 'poster')) continue
    const anchor = await findAnchor(db, spaceId, position.space, seq)
    if (includesThread(member.history, member.joinSeq, anchor)) return true
  }
  return positions.length === 0 || (await findMemberAt(db, spaceId, sender, seq)) !== undefined
}
