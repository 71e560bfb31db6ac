import { viewRecovery } from '#server/domain/recovery.ts'
import { openDatabase } from './database.ts'
import { databaseSettingsOf } from './place.ts'
import { tableOf } from './table.ts'

// parley recovery: whether the node was put back from a backup, and which partners have said what came after it.

export type RecoveryOptions = { readonly node?: string }

const columns = [
  { title: 'PARTNER', width: 24 },
  { title: 'ANSWERED', width: 8 },
  { title: 'FOLLOWED', width: 8 },
  { title: 'LAST TRIED (UTC)', width: 20 },
  { title: 'OUTCOME', width: 8 },
]

export async function printRecovery(
  environment: NodeJS.ProcessEnv,
  { node }: RecoveryOptions,
  print: (line: string) => void,
): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const db = await openDatabase(databaseSettingsOf({ environment, node }), opened)
  const { recovering, partners, withheld } = await viewRecovery({ db })
  print(
    recovering
      ? `In recovery since ${timeOf(recovering.since)}: ${recovering.reason}. Nothing is signed until every partner has answered.`
      : 'Not in recovery.',
  )
  for (const { host, spaces } of withheld) print(`Shut: ${spaces} hosted by ${host}.`)
  if (partners.length === 0) return
  const { head, lines } = tableOf(
    columns,
    partners.map((partner) => [
      partner.node,
      partner.answeredAt === null ? 'no' : 'yes',
      partner.caughtUpAt === null ? 'no' : 'yes',
      partner.triedAt === null ? '-' : timeOf(partner.triedAt),
      partner.outcome ?? '-',
    ]),
  )
  print(head)
  for (const line of lines) print(line)
}

function timeOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}
