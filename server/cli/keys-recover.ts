import { fingerprint } from '#federation/operation-log.ts'
import { recoverKeys, type Recovered } from '#server/peers/own-keys/recover.ts'
import type { Keys } from '#server/ports/keys.ts'
import { openDatabase } from './database.ts'
import { Failure } from './failure.ts'
import { keyPortsOf } from './key-ports.ts'
import { settingsOf } from './place.ts'
import { askRecoveryKey } from './secret.ts'
import { readMoment, timeOf } from './times.ts'

// parley keys recover: all keys of the node are replaced with the recovery key, whether it runs or not.

export type RecoverOptions = { readonly node?: string; readonly since: string; readonly keep?: number }

export async function recover(
  environment: NodeJS.ProcessEnv,
  { node: name, since: text, keep }: RecoverOptions,
  print: (line: string) => void,
): Promise<void> {
  const config = settingsOf({ environment, node: name })
  const since = readMoment(text)
  await using opened = new AsyncDisposableStack()
  const db = await openDatabase(config, opened)
  const recoveryKey = await askRecoveryKey()
  // Where the keys are lost, this is how the node gets new ones; a slip of the pen makes none.
  const ports = keyPortsOf(config, db, { makesKeys: true })
  const recovered = await recoverKeys(ports, { recoveryKey, since, keep })
  if (!recovered.ok) throw new Failure(2, whyNot[recovered.why])
  for (const line of linesOf(recovered, { since, keys: ports.keys })) print(line)
}

type Why = Extract<Recovered, { ok: false }>['why']

const whyNot: Readonly<Record<Why, string>> = {
  'no-history': 'This node has no key history yet.\nStart it once.',
  retired: 'This node has retired; its keys change no more.',
  recovering:
    'The node was put back from a backup and does not know its whole key history yet.\nparley recovery says for whom it waits; do this when it is over.',
  'not-a-recovery-key':
    'That is no recovery key of this node, or none any more.\nparley keys lists the commitments; each recovery makes a new key.',
  keep: 'There are not that many operations.\nparley keys lists them with their numbers.',
  since: 'That lies in the future.\nGive the time from which on the key may have been in other hands.',
}

function linesOf(
  { log, key, disputed, asked }: Extract<Recovered, { ok: true }>,
  { since, keys }: { readonly since: number; readonly keys: Keys },
): string[] {
  return [
    `The keys of ${log.node} are replaced. The new one is ${key}.`,
    `Fingerprint of this change: ${fingerprint(log.opHash)}`,
    `What was signed with the old ones since ${timeOf(since)} is disputed: ${disputed} entries here.`,
    ...(asked.length === 0
      ? ['The node signs with the new key within a minute, or at its next start.']
      : [
          'Within a minute, or at its next start, the node asks what they hold of it:',
          ...asked.map((peer) => `  ${peer}`),
          'What it hosts for them is shut until they have answered. parley recovery says how far that is.',
        ]),
    '',
    `There is a new recovery key, in ${keys.recoveryFile}. The one that you gave is worth nothing any more.`,
    'Write it down, make sure of it with parley keys check, and take the file off this machine.',
    'Back up the folder "keys" now.',
  ]
}
