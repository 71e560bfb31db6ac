import type { Email } from '#schema/email.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import {
  expireMail,
  finishMail,
  insertMail,
  type MailRow,
  postponeMail,
  takeDueMail,
} from '#server/db/mail.ts'
import type { Tx } from '#server/db/open.ts'
import type { MailKind } from '#server/db/tables.ts'
import { newUuid } from '#server/ports/random.ts'
import type { MailText } from './texts.ts'

// The outbox. A mail is a row in the transaction of what it tells of, so none is lost and none tells of what never
// happened; it is sent afterwards, again and again until the mail server has it or it is of no use any more.

type NewMail = MailText & {
  readonly kind: MailKind
  readonly address: Email
  /** From then on the link or code in it is worth nothing. */
  readonly expiresAt: number
}

/** `isWanted`: nobody is to tell a mail to nobody from one to somebody, so both are written down. */
export async function queueMail(context: Context, tx: Tx, mail: NewMail, isWanted = true): Promise<void> {
  const id = newUuid(context.clock, context.random)
  const createdAt = context.clock.now()
  const row = { ...mail, id, createdAt, doneAt: null, outcome: null }
  await insertMail(tx, isWanted ? row : { ...row, text: '', html: '', doneAt: createdAt, outcome: 'nobody' })
}

/** Sends what waits and may be sent now. */
export async function sendDueMail(context: Context): Promise<void> {
  while (context.mail.isOn && !context.tasks.signal.aborted) {
    const now = context.clock.now()
    const row = await context.db
      .transaction()
      .execute(async (tx) => await takeDueMail(tx, now, now + 2 * limits.mailTimeoutMs))
    if (!row) return
    await sendOne(context, row)
  }
}

async function sendOne(context: Context, row: MailRow): Promise<void> {
  const { id, address: to, subject, text, html, kind } = row
  const isLate = row.expiresAt <= context.clock.now()
  const delivery = isLate
    ? ({ do: 'refused', why: 'expired' } as const)
    : await context.mail.send({ id, to, subject, text, html })
  if (delivery.do !== 'sent')
    context.logger.warn({ mail: id, kind, why: delivery.why }, 'A mail was not sent.')
  const now = context.clock.now()
  await context.db.transaction().execute(async (tx) => {
    if (delivery.do === 'failed') await postponeMail(tx, id, now + delayMs(row.failures), delivery.why)
    else await finishMail(tx, id, now, delivery.do === 'sent' ? 'sent' : delivery.why)
  })
}

function delayMs(failures: number): number {
  return Math.min(limits.mailRetryDelayMaxMs, limits.mailRetryDelayMinMs * 2 ** Math.min(failures, 10))
}

/** Sends mails until the node stops, and forgets the texts of those that came to nothing. */
export function startMail(context: Context): void {
  let isSending = false
  let isMore = false

  async function send(): Promise<void> {
    isMore = true
    if (isSending) return
    isSending = true
    try {
      while (isMore) {
        isMore = false
        await sendDueMail(context)
      }
    } finally {
      isSending = false
    }
  }

  context.wake.listen('mail', () => context.tasks.spawn('mail', send))
  context.tasks.every('mail sweep', limits.sweepMs, send)
  context.tasks.every('mail housekeeping', 60_000, async () => await sweepMail(context))
}

export async function sweepMail(context: Context): Promise<void> {
  const now = context.clock.now()
  await context.db.transaction().execute(async (tx) => await expireMail(tx, now, limits.mailRowLifeMs))
}
