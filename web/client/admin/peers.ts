import type { listPeers, Peer } from '#schema/api/peers.ts'
import { call, type ReplyOf } from '../model/api.ts'
import { type Mood, state } from '../ui/state.ts'
import { fromNow } from '../ui/times.ts'

// The companies we know, as the node tells of them, and how they stand in words.

export type PeersPage = ReplyOf<typeof listPeers>

export async function readPeers(): Promise<PeersPage> {
  return await call<typeof listPeers>({ method: 'GET', url: '/api/peers', querystring: { limit: 200 } })
}

const stateWords: Readonly<Record<Peer['state'], readonly [string, Mood]>> = {
  partner: ['Partner', 'good'],
  waiting: ['Waits for their approval', 'plain'],
  asking: ['Asks for your approval', 'open'],
  known: ['Known, not a partner', 'plain'],
  paused: ['Paused', 'open'],
  blocked: ['Blocked', 'bad'],
  ended: ['Ended', 'plain'],
  retired: ['Closed for good', 'plain'],
  'key-conflict': ['Key conflict', 'bad'],
}

export function stateOf(peer: Peer): HTMLElement {
  return state(...stateWords[peer.state])
}

export function healthOf({ lastSuccessAt, lastFailureAt, lastFailure, reach, failingSince }: Peer): string {
  const why = lastFailure ?? 'no reason given'
  if (failingSince !== null && reach === 'gone')
    return `May be gone, first failure ${fromNow(failingSince)}: ${why}. Consider ending the partnership`
  if (failingSince !== null && reach === 'unreachable')
    return `Unreachable, first failure ${fromNow(failingSince)}: ${why}`
  const isFailing = lastFailureAt !== null && lastFailureAt > (lastSuccessAt ?? 0)
  if (isFailing) return `Last failure ${fromNow(lastFailureAt)}: ${why}`
  return lastSuccessAt === null ? 'Not spoken with yet' : `Last heard of ${fromNow(lastSuccessAt)}`
}
