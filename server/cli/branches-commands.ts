import type { Command } from 'commander'
import type { BranchesOptions, ChoiceOptions } from './branches.ts'
import type { Shell } from './keys-commands.ts'

/** The commands about a space whose log has branched. */
export function addBranches(program: Command, { environment, node, print }: Shell): void {
  program
    .command('branches')
    .description('Says where the log of a space ends here, which epoch is offered, and what was put aside.')
    .argument('<space>', 'the id of the space')
    .option(...node)
    .allowExcessArguments(false)
    .action(async (space: string, options: BranchesOptions) => {
      const { printBranches } = await import('./branches.ts')
      await printBranches(environment, space, options, print)
    })
  program
    .command('choose-branch')
    .description('As the host: a space goes on in a new epoch behind an entry. The running node does it.')
    .argument('<space>', 'the id of the space')
    .argument('<seq>', 'the number of the last entry that counts')
    .argument('<hash>', 'its hash')
    .option(...node)
    .option('--from <company>', 'the company that holds the branch, when it is not here')
    .allowExcessArguments(false)
    .action(async (space: string, seq: string, hash: string, options: ChoiceOptions) => {
      const { chooseBranch } = await import('./branches.ts')
      await chooseBranch(environment, { space, seq, hash }, options, print)
    })
  program
    .command('take-epoch')
    .description(
      'As another company: follows the host into the epoch that it offers. The running node does it.',
    )
    .argument('<space>', 'the id of the space')
    .argument('<hash>', 'the hash of the entry that the epoch goes on from, as parley branches shows it')
    .option(...node)
    .allowExcessArguments(false)
    .action(async (space: string, hash: string, options: BranchesOptions) => {
      const { takeEpoch } = await import('./branches.ts')
      await takeEpoch(environment, { space, hash }, options, print)
    })
}
