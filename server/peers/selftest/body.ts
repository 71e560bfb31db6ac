import { hashHeader } from '#federation/event.ts'
import type { NodeId, SpaceId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { pushEntries } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { token } from '#server/ports/random.ts'
import { callPeer } from '../exchange/call.ts'
import { type Check, failure, noOf, untried, well } from './check.ts'

/** What a node says whose gate has let the request in and whose reader has had all of it. */
const hasArrived: ReadonlySet<string> = new Set([
  'schema',
  'json-strict',
  'not-participating',
  'space-purged',
  'not-host',
])

/**
 * Sends a batch as large as the largest that a host pushes, about a space that does not exist. It is refused for its
 * shape, and by that it is known that every byte of it has arrived as it was signed.
 */
export async function testBody(context: Context, node: NodeId): Promise<Check> {
  const answer = await callPeer(context, node, {
    contract: pushEntries,
    lane: 'discovery',
    params: { space: `s_${hashHeader(token(context.random, 16))}` as SpaceId },
    body: { entries: [], checkpoint: 'A'.repeat(limits.pushBytesMax - 1_024), proofs: [] },
  })
  const size = `${limits.pushBytesMax / 1024 / 1024} MiB`
  const arrived = well('body', `A body of ${size} arrives as it was made.`)
  if (answer.ok) return arrived
  const no = noOf(answer)
  if ('failed' in answer) {
    const tooLarge = answer.failed.detail === 'status-413'
    return failure('body', no, node, tooLarge ? [`A proxy lets no body of ${size} through; it has to.`] : [])
  }
  const { code } = answer.refused
  if (hasArrived.has(code)) return arrived
  if (code === 'digest-mismatch')
    return failure('body', no, node, [
      'What was signed is not what arrived: a proxy changes or encodes bodies anew.',
    ])
  if (no.reason === 'policy-hold') return untried('body', `Only partners may send that much (${code}).`)
  return failure('body', no, node)
}
