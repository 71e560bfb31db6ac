import { styleText } from 'node:util'
import { listWaitingMail, type MailRow } from '#server/db/mail.ts'
import { systemClock } from '#server/ports/clock.ts'
import { openDatabase } from './database.ts'
import { databaseSettingsOf } from './place.ts'

// parley mail: the mails that have not been sent, for whoever administers a machine without a mail server.

export type MailOptions = { readonly node?: string; readonly limit: number; readonly json?: true }

export async function printMail(
  environment: NodeJS.ProcessEnv,
  { node, limit, json }: MailOptions,
  print: (line: string) => void,
): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const db = await openDatabase(databaseSettingsOf({ environment, node }), opened)
  const rows = await listWaitingMail(db, systemClock.now(), limit)
  if (rows.length === 0 && !json) print('No mails wait.')
  for (const row of rows) {
    if (json) printObject(row, print)
    else printOne(row, print)
  }
}

function printObject(row: MailRow, print: (line: string) => void): void {
  const { id, kind, address, subject, text, createdAt, expiresAt, failures, outcome } = row
  print(JSON.stringify({ id, kind, address, subject, text, createdAt, expiresAt, failures, outcome }))
}

function printOne(
  { createdAt, address, subject, text, outcome }: MailRow,
  print: (line: string) => void,
): void {
  const when = new Date(createdAt).toISOString().replace('T', ' ').slice(0, 19)
  print(styleText('bold', `${when}  to ${address}: ${subject}`))
  if (outcome !== null) print(styleText('yellow', `not sent yet: ${outcome}`))
  print(text)
}
