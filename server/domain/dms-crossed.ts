import type { MessagePost } from '#schema/event/message-post.ts'
import type { UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { listDms } from '#server/db/dms.ts'
import { listEntries } from '#server/db/entries.ts'
import { listCrossed, settleCrossed } from '#server/db/direct-invites.ts'
import type { InviteRow } from '#server/db/invites.ts'
import { alone } from '#server/db/open.ts'
import { findSpace, type SpaceRow } from '#server/db/spaces.ts'
import { findUser } from '#server/db/users.ts'
import { Refusal } from '#server/refusal.ts'
import { type Author, writeEvent } from './write.ts'

// Two persons have written to each other at once, and the conversation that the other one's node hosts stays (A16). What
// was written in ours, where nobody else ever was, is said there, and ours is left. Every step may be done twice.

const sweepMs = 30_000

export function startCrossed(context: Context): void {
  context.wake.listen('invitations', () => {
    context.tasks.spawn('crossed conversations', async () => await moveCrossed(context))
  })
  context.tasks.every('crossed conversations', sweepMs, async () => await moveCrossed(context))
}

async function moveCrossed(context: Context): Promise<void> {
  for (const row of await listCrossed(context.db, context.node)) {
    const ours = await findSpace(context.db, row.spaceId)
    const theirs = await findTheirs(context, row)
    const user = await findUser(context.db, row.inviter)
    // It is on its way.
    if (!ours || !theirs || !user) continue
    await move(context, { userId: user.id, identityVersion: user.identityVersion }, { ours, theirs })
    await settleCrossed(alone(context.db), row.jti)
  }
}

/** The conversation of the two that the other node hosts, once its log has come. */
async function findTheirs(
  context: Context,
  { spaceId, inviter, invitee }: InviteRow,
): Promise<SpaceRow | undefined> {
  const dms = await listDms(context.db, inviter, 2, limits.pageLengthMax)
  const both = dms.find(({ id, members }) => id !== spaceId && members.includes(invitee as UserId))
  return both && (await findSpace(context.db, both.id))
}

async function move(
  context: Context,
  author: Author,
  { ours, theirs }: { readonly ours: SpaceRow; readonly theirs: SpaceRow },
): Promise<void> {
  for (let after = 0; after < ours.headSeq;) {
    const rows = await listEntries(context.db, ours.id, { after, limit: limits.pageLengthMax })
    for (const { type, content, eventId } of rows) {
      if (type !== 'msg.post' || content === null) continue
      await writeEvent(context, author, theirs, {
        type: 'msg.post',
        content: JSON.parse(content) as MessagePost,
        idempotencyKey: `crossed ${eventId}`,
      })
    }
    after = rows.at(-1)?.seq ?? ours.headSeq
  }
  await writeEvent(context, author, ours, { type: 'member.leave', content: { user: author.userId } }).catch(
    (error: unknown) => {
      // They have left already, here or in a run before this one.
      if (!(error instanceof Refusal && error.code === 'not-found')) throw error
    },
  )
}
