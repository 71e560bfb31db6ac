import { retireNode, type Retired } from '#server/peers/own-keys/retire.ts'
import { openDatabase } from './database.ts'
import { Failure } from './failure.ts'
import { keyPortsOf } from './key-ports.ts'
import { settingsOf } from './place.ts'
import { askConfirmation } from './secret.ts'

// parley keys retire: the node closes for good.

export type RetireOptions = { readonly node?: string; readonly recoveryKey?: boolean }

export async function retire(
  environment: NodeJS.ProcessEnv,
  { node: name, recoveryKey: isSignedByRecovery = false }: RetireOptions,
  print: (line: string) => void,
): Promise<void> {
  const config = settingsOf({ environment, node: name })
  await using opened = new AsyncDisposableStack()
  const db = await openDatabase(config, opened)
  const { node } = config
  const question = `This closes ${node} for good, and nothing takes it back. Type ${node} if it is meant`
  const recoveryKey = await askConfirmation(node, question, isSignedByRecovery)
  const retired = await retireNode(keyPortsOf(config, db, { makesKeys: false }), recoveryKey)
  if (!retired.ok) throw new Failure(2, whyNot[retired.why])
  print(`${node} has closed for good. What it shares with others is read-only from now on.`)
  if (retired.told.length > 0) print(`These are told: ${retired.told.join(', ')}.`)
  print('Leave the node running for a day, so that others can fetch this; then switch it off.')
  print('Keep the domain: whoever has it next could ask your partners for trust in its name.')
}

type Why = Extract<Retired, { ok: false }>['why']

const whyNot: Readonly<Record<Why, string>> = {
  'no-history': 'This node has no key history yet.\nStart it once.',
  retired: 'This node has retired already.',
  'no-key': 'No signing key of this node is on this machine.\nAdd --recovery-key, and sign with that one.',
  'not-a-recovery-key':
    'That is no recovery key of this node, or none any more.\nparley keys lists the commitments.',
}
