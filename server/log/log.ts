import type { SpaceId } from '#schema/ids.ts'
import { announceEndings } from './access-changes.ts'
import { openQueue } from './append.ts'
import type { Placed } from './intent.ts'
import type { CommitListener, Log, LogPorts } from './ports.ts'
import { openStates } from './states.ts'

export function openLog(ports: LogPorts): Log {
  const states = openStates()
  const listeners = new Set<CommitListener>()
  function committed(space: SpaceId, placed: readonly Placed[]): void {
    for (const listener of listeners) listener(space, placed)
    announceEndings(ports, placed)
    ports.wake.signal(`log:${space}`)
    ports.wake.signal('logs')
  }
  const queue = openQueue(ports, states, committed)
  return {
    append: queue.append,
    committed,
    states,
    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
