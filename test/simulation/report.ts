import { tell } from '../helpers/checker.ts'
import type { Report } from './history.ts'

/** A history in one line. */
export function lineOf(report: Report): string {
  const {
    options,
    faults,
    hash,
    acts,
    posts,
    decisions,
    reached,
    virtualMs,
    restMs,
    wallMs,
    cpuMs,
    lockWaits,
  } = report
  const times = (what: string): number => reached.get(what) ?? 0
  return [
    `seed ${options.seed}`,
    faults.length === 0 ? 'ok' : `FAULTS ${[...new Set(faults.map(({ id }) => id))].join(' ')}`,
    `${acts} acts`,
    `${posts} posts`,
    `${decisions.length} gates`,
    `${(virtualMs / 1000).toFixed(0)} s virtual`,
    `rest in ${(restMs / 1000).toFixed(0)} s`,
    `${times('crash')} crashes`,
    `${times('request lost') + times('answer lost') + times('request into a partition')} lost`,
    `${times('request doubled')} doubled`,
    `${times('COMMIT with an unknown outcome that stands') + times('COMMIT with an unknown outcome that was none')} unknown commits`,
    `${lockWaits} lock waits`,
    `hash ${hash}`,
    `${(cpuMs / 1000).toFixed(1)} s of CPU in ${(wallMs / 1000).toFixed(1)} s`,
  ].join(', ')
}

export function tellFaults({ faults, swarm, troubles }: Report): string {
  if (faults.length === 0) return 'nothing is broken'
  const on = Object.entries(swarm).filter(([, rate]) => rate > 0)
  return [
    tell(faults),
    `with ${on.map(([name, rate]) => `${name} ${Number(rate.toPrecision(2))}`).join(', ')}`,
    ...troubles.slice(0, 5).map(({ label, sentence }) => `${label}: ${sentence}`),
  ].join('\n')
}
