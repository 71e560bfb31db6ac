import type { Ground } from '../ground.ts'
import { type Report, runHistory } from '../history.ts'
import type { Bug } from './bugs.ts'
import { plant } from './plant.ts'

/** Runs histories on the product with the bug in it, until one shows what it breaks. */
export async function findBug(
  ground: Ground,
  bug: Bug,
  { seeds, steps }: { readonly seeds: Iterable<number>; readonly steps: number },
): Promise<Report | undefined> {
  const product = await plant(bug)
  for (const seed of seeds) {
    const report = await runHistory(ground, { seed, steps, zoo: bug.name }, { product })
    if (report.faults.some(({ id }) => bug.breaks.includes(id))) return report
  }
  return undefined
}
