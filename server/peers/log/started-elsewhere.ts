import type { Event } from '#federation/event.ts'
import { type Refused, refuse } from '#federation/outcome.ts'
import type { SpaceCreate } from '#schema/event/space-create.ts'
import { nodeOf, type SpaceId, type UserId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { listCompanies } from '#server/db/companies.ts'
import { isMember } from '#server/db/members.ts'
import { findSpace } from '#server/db/spaces.ts'
import { judgeGathering } from '#server/policy/gathering.ts'

// What the host asks of a thread that somebody of another node starts in its groups, beside the rule of the genesis,
// which decides under the locks (A15): what is no business of a rule, because followers cannot know it.

/** Is this event the genesis of the space of this id? */
export function isGenesisOf(space: SpaceId, { header, hash }: Event): boolean {
  return header.type === 'space.create' && `s_${hash}` === space
}

/** Why they may not start it here; undefined: the rule decides. */
export async function faultOfStart(
  context: Context,
  { header, content }: Event,
): Promise<Refused | undefined> {
  const { db, node } = context
  const { kind, recipients } = content as SpaceCreate
  if (kind !== 'thread') return refuse('wrong-kind', 'kind')
  // Nobody puts people of ours into a space from elsewhere: whoever is to be in it is invited, by our policy (A16).
  if (recipients.users.some((user) => nodeOf(user) === node)) return refuse('no-right', 'users')
  const sender = header.sender as UserId
  for (const id of recipients.groups) {
    // Of a group in which they are not nothing is told: the rule refuses it like one that is not there.
    if (!(await isMember(db, id, sender))) return undefined
    const group = await findSpace(db, id)
    if (group?.host !== node) return undefined
    if (group.withheld) return refuse('recovery-mode', 'groups')
    if (group.frozen !== null) return refuse('space-frozen', 'groups')
  }
  const coming = (await listCompanies(db, recipients.groups)).filter((other) => other !== node)
  const about = { actor: sender, isAdmin: false, now: [node], coming }
  const rule = await judgeGathering(context, about)
  return rule === undefined ? undefined : refuse('policy-forbids', 'groups')
}
