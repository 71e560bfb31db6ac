import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Order, Report, Tally } from './load/order.ts'

const program = fileURLToPath(new URL('load.ts', import.meta.url))

/** Runs one load in a process of its own; `measure` is called where its window begins and where it ends. */
export async function drive<T>(
  order: Order,
  measure: () => T,
): Promise<{ tally: Tally; begun: T; ended: T }> {
  const child = fork(program, { stdio: 'inherit', env: {}, execArgv: [] })
  try {
    return await new Promise((resolve, reject) => {
      let begun: T | undefined
      let ended: { tally: Tally; ended: T } | undefined
      child.once('exit', (code, signal) => reject(new Error(`The load ended with ${signal ?? code}.`)))
      child.on('message', (report: Report) => {
        if (report.state === 'begins') begun = measure()
        if (report.state === 'ends') ended = { tally: report.tally, ended: measure() }
        if (report.state === 'drained') resolve({ ...ended!, begun: begun! })
      })
      child.send(order)
    })
  } finally {
    child.kill()
  }
}
