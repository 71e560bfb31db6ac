import { readFileSync } from 'node:fs'

// What processes have used, as Linux counts it. Times come in hundredths of a second, so a figure needs some
// seconds of work behind it to mean anything.

const ticksPerSecond = 100
// Fields of /proc/<pid>/stat behind the name, which may hold spaces: utime, stime, cutime, cstime.
const timeFields = [11, 12, 13, 14] as const

/** User and system time of a process so far, in microseconds, with that of children that have ended. */
export function cpuMicroseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = timeFields.reduce((sum, field) => sum + Number(fields[field]), 0)
  return (ticks * 1_000_000) / ticksPerSecond
}

/** The same for a process and its children: a postmaster with all its backends, those that are gone included. */
export function cpuMicrosecondsOfFamily(pid: number): number {
  return childrenOf(pid).reduce((sum, child) => sum + cpuOrNothing(child), cpuMicroseconds(pid))
}

/** Proportional share of memory, in bytes: what is shared counts in parts. */
export function memoryOf(pid: number): number {
  const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
  return Number(match?.[1] ?? 0) * 1024
}

export function memoryOfFamily(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, member) => sum + memoryOf(member), 0)
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return text === '' ? [] : text.split(' ').map(Number)
}

/** A child that ends while we look is counted by its parent the next time. */
function cpuOrNothing(pid: number): number {
  try {
    return cpuMicroseconds(pid)
  } catch {
    return 0
  }
}
