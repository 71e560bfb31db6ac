import type { Why } from '#schema/why.ts'
import type { Explainer } from './facts.ts'
import { sayMessage } from './say-message.ts'
import { sayPeer } from './say-peer.ts'
import { sayPerson } from './say-person.ts'
import { sayDecision, sayEvent, sayExchange } from './say-record.ts'
import { sayPurged, saySpace } from './say-space.ts'

// The sentences of an explanation, from its data alone.

export function sentencesOf(why: Why, here: Pick<Explainer, 'node' | 'clock'>): string[] {
  switch (why.about) {
    case 'message':
      return sayMessage(why, here)
    case 'space':
      return saySpace(why, here)
    case 'purged-space':
      return sayPurged(why)
    case 'peer':
      return sayPeer(why, here)
    case 'person':
      return sayPerson(why)
    case 'exchange':
      return sayExchange(why)
    case 'decision':
      return sayDecision(why)
    case 'security-event':
      return sayEvent(why)
  }
}
