import type { Ground } from '../ground.ts'
import { type Report, runHistory } from '../history.ts'
import type { Bug } from './bugs.ts'
import { plant } from './plant.ts'

/** Runs histories on the product with the bug in it, until enough of them show what it breaks. */
export async function findBug(
  ground: Ground,
  bug: Bug,
  {
    seeds,
    steps,
    enough = 1,
  }: { readonly seeds: Iterable<number>; readonly steps: number; readonly enough?: number },
): Promise<Report[]> {
  const product = await plant(bug)
  const found: Report[] = []
  for (const seed of seeds) {
    const report = await runHistory(ground, { seed, steps, zoo: bug.name }, { product })
    if (report.faults.some(({ id }) => bug.breaks.includes(id))) found.push(report)
    if (found.length >= enough) break
  }
  return found
}
