// Wake-ups say that there may be something to read; they carry no truth and may all be lost. Everything that
// listens also sweeps.

/**
 * What may have news: a space's log, a peer that was heard of, any log, the lanes, what waits for hosts, mail, letters,
 * leases, purges, who may read what for other reasons than a log, and who is vouched
 * for, guests who were claimed, and what is asked of others after a restore.
 */
export type Topic =
  | `log:${string}`
  | `peer:${string}`
  | 'logs'
  | 'control'
  | 'submit'
  | 'catch-up'
  | 'histories'
  | 'mail'
  | 'leases'
  | 'purges'
  | 'access'
  | 'identities'
  | 'guests'
  | 'invitations'
  | 'recovery'

export type Wake = {
  signal(topic: Topic): void
  /** Returns the way to stop listening. */
  listen(topic: Topic, wake: () => void): () => void
}

export function openWake(): Wake {
  const listeners = new Map<Topic, Set<() => void>>()
  return {
    signal(topic) {
      for (const wake of listeners.get(topic) ?? []) wake()
    },
    listen(topic, wake) {
      const set = listeners.get(topic) ?? new Set()
      listeners.set(topic, set.add(wake))
      return () => {
        set.delete(wake)
        if (set.size === 0) listeners.delete(topic)
      }
    },
  }
}
