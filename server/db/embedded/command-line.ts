import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What a process was started with, joined by spaces; undefined when there is none, or none but its remains. */
export function commandLineOf(pid: number): string | undefined {
  try {
    return (process.platform === 'linux' ? fromProc(pid) : fromPs(pid)) || undefined
  } catch {
    return undefined
  }
}

function fromProc(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
}

function fromPs(pid: number): string {
  return execFileSync('ps', ['-ww', '-o', 'args=', '-p', `${pid}`], { encoding: 'utf8' }).trim()
}
