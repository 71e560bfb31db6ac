import { type Insertable, type Selectable } from 'kysely'
import type { Db, Tx } from './open.ts'
import type { Tables } from './tables.ts'

// The outbox of mails. A mail's texts hold a link or a code, so they are gone as soon as it is done.

export type MailRow = Selectable<Tables['mail']>

export async function insertMail(tx: Tx, mail: Insertable<Tables['mail']>): Promise<void> {
  await tx.insertInto('mail').values(mail).execute()
}

/**
 * Takes the next mail that is due, and keeps it from other processes until `heldUntil`. Whoever dies with it in
 * hand leaves it to be sent then.
 */
export async function takeDueMail(tx: Tx, now: number, heldUntil: number): Promise<MailRow | undefined> {
  return await tx
    .updateTable('mail')
    .set({ nextAttemptAt: heldUntil })
    .where('id', '=', (eb) =>
      eb
        .selectFrom('mail')
        .select('id')
        .where('doneAt', 'is', null)
        .where('nextAttemptAt', '<=', now)
        .orderBy('nextAttemptAt')
        .limit(1)
        .forUpdate()
        .skipLocked(),
    )
    .returningAll()
    .executeTakeFirst()
}

export async function finishMail(tx: Tx, id: string, at: number, outcome: string): Promise<void> {
  await tx.updateTable('mail').set({ doneAt: at, outcome, text: '', html: '' }).where('id', '=', id).execute()
}

export async function postponeMail(tx: Tx, id: string, until: number, why: string): Promise<void> {
  await tx
    .updateTable('mail')
    .set((eb) => ({ failures: eb('failures', '+', 1), nextAttemptAt: until, outcome: why }))
    .where('id', '=', id)
    .execute()
}

/** What nobody can use any more: its texts go; the row stays a while, so that an operator can say what became of it. */
export async function expireMail(tx: Tx, now: number, rowLifeMs: number): Promise<void> {
  await tx
    .updateTable('mail')
    .set({ doneAt: now, outcome: 'expired', text: '', html: '' })
    .where('doneAt', 'is', null)
    .where('expiresAt', '<=', now)
    .execute()
  await tx
    .deleteFrom('mail')
    .where('doneAt', '<=', now - rowLifeMs)
    .execute()
}

/** The mails that wait, oldest first, for somebody who administers the machine. */
export async function listWaitingMail(db: Db, now: number, limit: number): Promise<MailRow[]> {
  return await db
    .selectFrom('mail')
    .selectAll()
    .where('doneAt', 'is', null)
    .where('expiresAt', '>', now)
    .orderBy('createdAt', 'desc')
    .limit(limit)
    .execute()
    .then((rows) => rows.toReversed())
}
