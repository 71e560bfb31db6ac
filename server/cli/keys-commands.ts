import { type Command, InvalidArgumentError } from 'commander'
import type { KeysOptions } from './keys.ts'
import type { CheckOptions } from './keys-check.ts'
import type { RecoverOptions } from './keys-recover.ts'
import type { RetireOptions } from './keys-retire.ts'

/** What the command is run in. */
export type Shell = {
  readonly environment: NodeJS.ProcessEnv
  readonly node: readonly [string, string]
  readonly print: (line: string) => void
}

/** parley keys, and what can be done with them. */
export function addKeys(program: Command, { environment, node, print }: Shell): void {
  const keys = program
    .command('keys')
    .description('Prints the keys of the node, their fingerprint and their history.')
    .option(...node)
    .allowExcessArguments(false)
    .action(async (options: KeysOptions) => {
      const { printKeys } = await import('./keys.ts')
      await printKeys(environment, options, print)
    })
  keys
    .command('rotate')
    .description(
      'Publishes a new signing key. The running node uses it a day later, and ends the old one after another day.',
    )
    .option(...node)
    .allowExcessArguments(false)
    .action(async (_options: KeysOptions, command: Command) => {
      const { rotateKeys } = await import('./keys.ts')
      await rotateKeys(environment, command.optsWithGlobals<KeysOptions>(), print)
    })
  keys
    .command('check')
    .description(
      'Asks for the recovery key as it was written down, and says whether it is right. Keeps nothing of it.',
    )
    .option('--delete-file', 'then takes the file in which it was written off this machine')
    .option(...node)
    .allowExcessArguments(false)
    .action(async (_options: CheckOptions, command: Command) => {
      const { check } = await import('./keys-check.ts')
      await check(environment, command.optsWithGlobals<CheckOptions>(), print)
    })
  keys
    .command('recover')
    .description(
      'Replaces all keys at once: they were stolen, or are lost. Asks for the recovery key, or takes it from a pipe.',
    )
    .requiredOption('--since <time>', 'from when on somebody else may have had them, as 2026-11-20T14:30Z')
    .option(
      '--keep <count>',
      'how many operations of the history are yours, if somebody else has added others',
      readOperations,
    )
    .option(...node)
    .allowExcessArguments(false)
    .action(async (_options: RecoverOptions, command: Command) => {
      const { recover } = await import('./keys-recover.ts')
      await recover(environment, command.optsWithGlobals<RecoverOptions>(), print)
    })
  keys
    .command('retire')
    .description('Closes the node for good, for everybody. Asks for its domain first, to be typed.')
    .option('--recovery-key', 'signs with the recovery key, which it asks for, instead of an active one')
    .option(...node)
    .allowExcessArguments(false)
    .action(async (_options: RetireOptions, command: Command) => {
      const { retire } = await import('./keys-retire.ts')
      await retire(environment, command.optsWithGlobals<RetireOptions>(), print)
    })
}

function readOperations(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('\nGive the number of an operation, as parley keys lists them.')
}
