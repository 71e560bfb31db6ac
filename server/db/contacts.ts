import { type RawBuilder, sql } from 'kysely'
import type { Handle, NodeId, UserId } from '#schema/ids.ts'
import { reachedBy } from './access.ts'
import type { Db, Tx } from './open.ts'
import { routes } from './routes.ts'

// Whom somebody may add by name. A contact is who shares a space with them now, who accepted an invitation of theirs
// or sent one that they accepted, and who is pinned. Colleagues are no contacts: they are found anyway.

/** The people who share a space with somebody now, by whatever routes. */
function sharedWith(user: UserId): RawBuilder<unknown> {
  return sql`
    select route.user_id from (${routes}) route where route.space_id in (${reachedBy(user)})
  `
}

export type FoundContact = {
  readonly userId: UserId
  readonly name: string
  readonly handle: Handle | null
  readonly isPinned: boolean
}

/** Contacts whose name, or a word of it, begins like the query; and for members of the workspace, their colleagues. */
export async function findContacts(
  db: Db,
  of: { readonly user: UserId; readonly node: NodeId; readonly seesColleagues: boolean },
  page: { readonly query: string; readonly limit: number },
): Promise<FoundContact[]> {
  const like = `${page.query.replace(/[\\%_]/g, '\\$&')}%`
  const { rows } = await sql<FoundContact>`
    select u.id as user_id, u.name, a.handle, coalesce(c.is_pinned, false) as is_pinned
    from "user" u
    left join account a on a.user_id = u.id and u.kind <> 'guest' and ${of.seesColleagues}
    left join contact c on c.owner = ${of.user} and c.contact = u.id
    where u.id <> ${of.user} and u.status = 'active'
      and (u.name ilike ${like} or u.name ilike ${`% ${like}`} or a.handle like ${like.toLowerCase()})
      and (
        c.contact is not null
        or (${of.seesColleagues} and u.node = ${of.node} and u.kind <> 'guest')
        or u.id in (${sharedWith(of.user)})
      )
    order by coalesce(c.is_pinned, false) desc, u.name, u.id
    limit ${page.limit}
  `.execute(db)
  return rows
}

export async function isContact(db: Db, owner: UserId, other: UserId): Promise<boolean> {
  const { rows } = await sql<{ is: boolean }>`
    select exists (select 1 from contact where owner = ${owner} and contact = ${other})
      or ${other} in (${sharedWith(owner)}) as is
  `.execute(db)
  return rows[0]?.is ?? false
}

/** An accepted invitation makes a contact; a pin stays one. */
export async function addContact(tx: Tx, owner: UserId, contact: UserId, since: number): Promise<void> {
  await tx
    .insertInto('contact')
    .values({ owner, contact, isPinned: false, since })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function pinContact(tx: Tx, owner: UserId, contact: UserId, since: number): Promise<void> {
  await tx
    .insertInto('contact')
    .values({ owner, contact, isPinned: true, since })
    .onConflict((conflict) => conflict.columns(['owner', 'contact']).doUpdateSet({ isPinned: true }))
    .execute()
}

/** False when there was none to take away. Who shares a space with them stays a contact by that. */
export async function deleteContact(tx: Tx, owner: UserId, contact: UserId): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('contact')
    .where('owner', '=', owner)
    .where('contact', '=', contact)
    .executeTakeFirstOrThrow()
  return numDeletedRows !== 0n
}
