import type { Me } from '#schema/api/accounts.ts'
import { limits } from '#schema/limits.ts'
import { defaultPolicy } from '#schema/policy.ts'
import type { Context } from '#server/context.ts'
import { getAccount } from '#server/db/accounts.ts'
import { holdVouching } from '#server/db/identities.ts'
import { changeUser, fillSkeletons, holdUser, type UserRow } from '#server/db/users.ts'
import { Refusal } from '#server/refusal.ts'
import { fieldsOf } from '#server/vouch.ts'
import type { Actor } from './actor.ts'
import { viewMe } from './sessions.ts'

const fields = ['name', 'title', 'timeZone', 'statusText'] as const
type Field = (typeof fields)[number]

export type ProfileChanges = {
  readonly name?: string | undefined
  readonly title?: string | null | undefined
  readonly timeZone?: string | null | undefined
  readonly statusText?: string | null | undefined
}

/** Changes the actor's profile. What other companies may see of it goes to them behind the commit. */
export async function changeProfile(context: Context, actor: Actor, input: ProfileChanges): Promise<Me> {
  if (typeof input.timeZone === 'string') checkTimeZone(input.timeZone)
  const now = context.clock.now()
  await context.db.transaction().execute(async (tx) => {
    const vouching = await holdVouching(tx)
    const user = await holdUser(tx, actor.userId)
    const changed = fields.filter((field) => input[field] !== undefined && input[field] !== user[field])
    if (changed.length === 0) return
    const shown: readonly string[] = vouching ? fieldsOf(vouching.fields) : defaultPolicy.profileFields
    const isStated = changed.some((field: Field) => field === 'name' || shown.includes(field))
    const values = Object.fromEntries(changed.map((field) => [field, input[field]]))
    await changeUser(tx, actor.userId, { ...values, ...countChange(user, now) }, isStated)
  })
  context.wake.signal('identities')
  return viewMe(context, await getAccount(context.db, actor.userId))
}

/** Other nodes take no more than so many changes an hour (IDN-10), so nobody makes more. */
function countChange(
  { changes, changesSince }: UserRow,
  now: number,
): Pick<UserRow, 'changes' | 'changesSince'> {
  const until = changesSince + 60 * 60 * 1000
  if (until <= now) return { changes: 1, changesSince: now }
  if (changes >= limits.profileChangesPerHourMax) {
    throw new Refusal('rate', { retryAfter: Math.ceil((until - now) / 1000) })
  }
  return { changes: changes + 1, changesSince }
}

function checkTimeZone(timeZone: string): void {
  try {
    Intl.DateTimeFormat('en', { timeZone }).resolvedOptions()
  } catch (cause) {
    throw new Refusal('invalid-time-zone', {}, { cause })
  }
}

const namesAtOnce = 500

/** At the start, once for each name that an earlier version wrote: what it looks like. */
export async function rememberLooks(context: Context): Promise<void> {
  let count = namesAtOnce
  while (count === namesAtOnce) {
    count = await context.db.transaction().execute(async (tx) => await fillSkeletons(tx, namesAtOnce))
  }
}
