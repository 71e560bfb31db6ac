import type { Clock } from './clock.ts'
import type { Logger } from './logger.ts'

/** Work in the background: named, counted, ended together. */
export type Tasks = {
  /** Fires when the node stops; every task ends at its next safe point. */
  readonly signal: AbortSignal
  spawn(name: string, run: (signal: AbortSignal) => Promise<void>): void
  /** Runs until it has succeeded once: what others wait for, at a start that finds the database away. */
  once(name: string, run: () => Promise<void>): void
  /** Runs every `ms`, never twice at a time, until the node stops. */
  every(name: string, ms: number, run: () => Promise<void>): void
  /** Fires the signal and waits for all of them. */
  stop(): Promise<void>
}

const onceAgainMs = 2_000

export function openTasks(clock: Clock, logger: Logger): Tasks {
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()

  function spawn(name: string, run: (signal: AbortSignal) => Promise<void>): void {
    if (stopping.signal.aborted) return
    const task = run(stopping.signal)
      .catch((error: unknown) => logger.error({ task: name, err: error }, 'A background task failed.'))
      .finally(() => running.delete(task))
    running.add(task)
  }

  return {
    signal: stopping.signal,
    spawn,
    once(name, run) {
      spawn(name, async (signal) => {
        while (!signal.aborted) {
          try {
            return await run()
          } catch (error) {
            logger.error({ task: name, err: error }, 'A task at the start failed; it will be tried again.')
          }
          await clock.sleep(onceAgainMs, signal)
        }
      })
    },
    every(name, ms, run) {
      spawn(name, async (signal) => {
        while (!signal.aborted) {
          await clock.sleep(ms, signal)
          if (signal.aborted) return
          await run().catch((error: unknown) =>
            logger.error({ task: name, err: error }, 'A periodic task failed; it will run again.'),
          )
        }
      })
    },
    async stop() {
      stopping.abort()
      while (running.size > 0) await Promise.all(running)
    },
  }
}
