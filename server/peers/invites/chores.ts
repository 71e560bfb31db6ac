import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { reopenControlMessage } from '#server/db/control-messages.ts'
import { deleteDecisions } from '#server/db/decisions.ts'
import { listUndecidedAsks } from '#server/db/invite-asks.ts'
import {
  deleteInvites,
  expireLetters,
  listExpired,
  listUnentered,
  setInviteStatus,
} from '#server/db/invites.ts'
import { alone } from '#server/db/open.ts'
import { answerDirect } from './direct.ts'
import { enterInvite } from '#server/policy/enter.ts'
import { endOpenInvite } from './uninvite.ts'

// What becomes of invitations by itself: the calendar ends them, a crash is made up for, and what ended long ago is
// forgotten. Everything here is asked from the rows each time, and doing it twice does it once.

const sweepMs = 30_000
const hourMs = 60 * 60 * 1000
const askAgainMs = 2 * 60 * 1000

export function startInviteChores(context: Context): void {
  context.wake.listen('invitations', () => {
    context.tasks.spawn('direct conversations', async () => await answerDirect(context))
  })
  context.tasks.every('invitation sweep', sweepMs, async () => {
    await answerDirect(context)
    await enterLate(context)
    await expire(context)
  })
  context.tasks.every('asks', askAgainMs, async () => await askAgain(context))
  context.tasks.every('invitation cleanup', hourMs, async () => await forget(context))
}

/** What the host's administrator had not decided about when we asked. The same ask again is answered with what it became. */
async function askAgain(context: Context): Promise<void> {
  const { db, clock } = context
  for (const { id } of await listUndecidedAsks(db, clock.now())) {
    await reopenControlMessage(alone(db), 'invite-ask', id)
  }
  context.wake.signal('control')
}

/** The entry is written a moment after the letter is stored. Where a crash came between, it is written now. */
async function enterLate(context: Context): Promise<void> {
  const { db, clock, node } = context
  for (const row of await listUnentered(db, node, clock.now() - sweepMs)) {
    const settled = await enterInvite(context, row)
    if (settled.status !== 'refused' || settled.code === 'already-invited') continue
    await setInviteStatus(alone(db), row.jti, 'refused')
  }
}

async function expire(context: Context): Promise<void> {
  const { db, clock, node } = context
  await expireLetters(alone(db), node, clock.now())
  for (const row of await listExpired(db, node, clock.now())) await endOpenInvite(context, row, 'expired')
}

async function forget(context: Context): Promise<void> {
  const now = context.clock.now()
  await context.db.transaction().execute(async (tx) => {
    await deleteInvites(tx, now - limits.invitesKeptMs)
    await deleteDecisions(tx, now - limits.decisionLifeMs)
  })
}
