import { NodeId } from '#schema/ids.ts'
import { declareLost } from '#server/db/recovery.ts'
import { viewRecovery } from '#server/domain/recovery.ts'
import { systemClock } from '#server/ports/clock.ts'
import { openDatabase } from './database.ts'
import { Failure } from './failure.ts'
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

export type LossOptions = RecoveryOptions & { readonly yes?: boolean }

/** parley recovery declare-loss: goes on without a partner that will never answer. */
export async function declareLoss(
  environment: NodeJS.ProcessEnv,
  partner: string,
  { node, yes }: LossOptions,
  print: (line: string) => void,
): Promise<void> {
  const lost = NodeId.safeParse(partner)
  if (!lost.success)
    throw new Failure(
      2,
      `"${partner}" is not the domain of a node.\nGive one of those that parley recovery lists.`,
    )
  if (!yes)
    throw new Failure(
      2,
      `What ${partner} holds of yours beyond the backup is then lost, and every space that it takes part in goes on without that.\nIf it will never answer, say so with --yes.`,
    )
  await using opened = new AsyncDisposableStack()
  const db = await openDatabase(databaseSettingsOf({ environment, node }), opened)
  const now = systemClock.now()
  const isDone = await db.transaction().execute(async (tx) => await declareLost(tx, lost.data, now))
  if (!isDone)
    throw new Failure(
      2,
      `Nobody waits for an answer of ${partner}.\nparley recovery lists who has not answered.`,
    )
  print(`The node goes on without ${partner} when everybody else has answered.`)
}

function timeOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}
