import type { Context } from '#server/context.ts'
import type { AuditRow } from '#server/db/audit.ts'
import { type BranchWish, closeWish, listOpenWishes } from '#server/db/branch-wishes.ts'
import { alone } from '#server/db/open.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { chooseBranch } from './branches.ts'
import { takeEpoch } from './take-epoch.ts'

/** Does what an operator has decided on the command line, which works on the database alone. */
export async function doBranchWishes(context: Context): Promise<void> {
  for (const wish of await listOpenWishes(context.db)) {
    // Who cannot be reached now is asked again.
    const outcome = await attempt(context, wish)
    if (outcome === undefined) continue
    await closeWish(alone(context.db), wish, { doneAt: context.clock.now(), outcome })
  }
}

async function attempt(context: Context, wish: BranchWish): Promise<string | undefined> {
  try {
    return await carryOut(context, wish)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    if (error.code === 'peer-unreachable' || error.code === 'recovery-mode') return undefined
    return `refused: ${error.code}`
  }
}

async function carryOut(context: Context, wish: BranchWish): Promise<string> {
  const { spaceId: space, hash, act, seq, epoch, fromNode } = wish
  const about = act === 'choose' ? `${seq} ${hash} ${fromNode ?? context.node}` : `${epoch} ${hash}`
  const audit: AuditRow = {
    id: newUuid(context.clock, context.random),
    at: context.clock.now(),
    // Whoever may work on the database is no user of it.
    actor: null,
    act: act === 'choose' ? 'space.chooseBranch' : 'space.takeEpoch',
    subject: `${space} ${about}`,
  }
  if (act === 'take') {
    const { taken } = await takeEpoch(context, { space, epoch: epoch!, hash }, audit)
    return taken ? `in epoch ${epoch}` : 'taken; its entries come from the host'
  }
  const begun = await chooseBranch(context, { space, seq: seq!, hash, from: fromNode ?? undefined }, audit)
  return `in epoch ${begun.epoch}`
}
