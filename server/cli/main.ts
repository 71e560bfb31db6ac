import { readFileSync } from 'node:fs'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { Failure } from './failure.ts'
import { addBranches } from './branches-commands.ts'
import type { EnrolOptions } from './enrol.ts'
import { addKeys } from './keys-commands.ts'
import type { LogOptions } from './log.ts'
import type { MailOptions } from './mail.ts'
import type { LossOptions, RecoveryOptions } from './recovery.ts'
import type { RemovalsOptions } from './removals.ts'
import type { SelftestOptions } from './selftest.ts'
import type { VerifyOptions } from './verify.ts'
import type { WhyOptions } from './why.ts'

// The operator's command. It works on the database, so it works while the node is down too.
//
// Exit codes: 0 done, 1 broken, 2 not understood, 5 no database.

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads has seen enough, as `head` has.
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

const countMax = 10_000

await run(process.argv)

async function run(args: readonly string[]): Promise<void> {
  try {
    await programOf().parseAsync(args)
  } catch (error) {
    process.exitCode = exitCodeOf(error)
  }
}

function exitCodeOf(error: unknown): number {
  // Commander has said what was wrong, and which word is nearest.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof Failure) {
    console.error(`error: ${error.message}`)
    return error.exitCode
  }
  console.error(error)
  return 1
}

function programOf(): Command {
  const program = new Command('parley')
    .description('Looks after a Parley node: through its database, whether it runs or not.')
    .version(version)
    .exitOverride()
  const node = [
    '--node <name>',
    'a node of the demo, for example acme; otherwise the one of the environment',
  ] as const
  program
    .command('log')
    .description('Prints the exchanges with other nodes, newest last.')
    .option(...node)
    .option('--peer <node>', 'only those with one other node')
    .option('--limit <count>', 'how many, at most', readCount, 50)
    .option('--json', 'one JSON object a line')
    .option('--follow', 'goes on with new ones until it is interrupted')
    .allowExcessArguments(false)
    .action(async (options: LogOptions) => {
      const { printLog } = await import('./log.ts')
      await printLog(process.env, options, print)
    })
  addWhy(program, node)
  addSelftest(program, node)
  program
    .command('enrol')
    .description('Prints a one-time link that makes its holder an owner of the workspace.')
    .option(...node)
    .option('--owner', 'for an owner; members are invited on the page')
    .allowExcessArguments(false)
    .action(async (options: EnrolOptions) => {
      const { printEnrolment } = await import('./enrol.ts')
      await printEnrolment(process.env, options, print)
    })
  program
    .command('mail')
    .description('Prints the mails that wait to be sent, newest last: with their links and codes.')
    .option(...node)
    .option('--limit <count>', 'how many, at most', readCount, 20)
    .option('--json', 'one JSON object a line')
    .allowExcessArguments(false)
    .action(async (options: MailOptions) => {
      const { printMail } = await import('./mail.ts')
      await printMail(process.env, options, print)
    })
  addKeys(program, { environment: process.env, node, print })
  program
    .command('removals')
    .description('Prints the orders to end access with their receipts, one JSON object a line, oldest first.')
    .option(...node)
    .allowExcessArguments(false)
    .action(async (options: RemovalsOptions) => {
      const { printRemovals } = await import('./removals.ts')
      await printRemovals(process.env, options, print)
    })
  program
    .command('verify')
    .description('Hashes every log in the database anew, and names those that were damaged. Changes nothing.')
    .option(...node)
    .allowExcessArguments(false)
    .action(async (options: VerifyOptions) => {
      const { verify } = await import('./verify.ts')
      await verify(process.env, options, print)
    })
  addRecovery(program, node)
  addBranches(program, { environment: process.env, node, print })
  return program
}

function addWhy(program: Command, node: readonly [string, string]): void {
  program
    .command('why')
    .description('Says what became of something, what stands in its way, and what would help.')
    .argument('<id>', 'a message, a space (s_…), a person (u_…@…), a domain, or the instance of a problem')
    .option(...node)
    .option('--json', 'the same as data')
    .allowExcessArguments(false)
    .action(async (id: string, options: WhyOptions) => {
      const { printWhy } = await import('./why.ts')
      await printWhy(process.env, id, options, print)
    })
}

function addSelftest(program: Command, node: readonly [string, string]): void {
  program
    .command('selftest')
    .description('Tests what this node needs of others.')
    .command('federation')
    .description(
      'Tests the way to another node, step by step, and names what is wrong with it. Changes nothing.',
    )
    .argument('<domain>', 'the domain of the node')
    .option(...node)
    .option('--json', 'the same as data')
    .allowExcessArguments(false)
    .action(async (domain: string, options: SelftestOptions) => {
      const { testFederation } = await import('./selftest.ts')
      await testFederation(process.env, domain, options, print)
    })
}

function addRecovery(program: Command, node: readonly [string, string]): void {
  const recovery = program
    .command('recovery')
    .description('Says whether the node was put back from a backup, and what its partners have answered.')
    .option(...node)
    .allowExcessArguments(false)
    .action(async (options: RecoveryOptions) => {
      const { printRecovery } = await import('./recovery.ts')
      await printRecovery(process.env, options, print)
    })
  recovery
    .command('declare-loss')
    .description('Goes on without a partner that will never answer, and without what only it holds.')
    .argument('<partner>', 'the domain of the partner')
    .option(...node)
    .option('--yes', 'it is meant')
    .allowExcessArguments(false)
    .action(async (partner: string, options: LossOptions) => {
      const { declareLoss } = await import('./recovery.ts')
      await declareLoss(process.env, partner, { ...recovery.opts(), ...options }, print)
    })
}

function readCount(text: string): number {
  const count = Number(text)
  if (/^\d{1,5}$/.test(text) && count >= 1 && count <= countMax) return count
  throw new InvalidArgumentError(`\nGive a whole number from 1 to ${countMax}, for example --limit 50.`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
