import { speaks } from '#federation/version.ts'
import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { ping } from '#schema/wire/endpoints.ts'
import type { Context } from '#server/context.ts'
import { listExchanges } from '#server/db/exchanges.ts'
import { findPeer } from '#server/db/peers.ts'
import { type Documents, fetchDocuments, refuseName } from '../discovery/documents.ts'
import { findPinned } from '../discovery/pin.ts'
import { callPeer } from '../exchange/call.ts'
import { flushExchanges } from '../exchange/exchanges.ts'
import { sayTime } from '../why/words.ts'
import { testBody } from './body.ts'
import { type Check, failure, type No, noOf, untried, well } from './check.ts'

// Is the way to another node what it has to be? Each step asks for one thing and names what is wrong with it. Nothing is
// pinned or changed by it, here or there; the requests stand in both federation logs, as all do.

export async function selftest(context: Context, node: NodeId): Promise<Check[]> {
  const refused = refuseName(context, node)
  if (refused) return [failure('documents', noOf(refused), node)]
  const pinned = await findPinned(context, node)
  const documents = await fetchDocuments(context, node, pinned)
  if (!documents.ok) {
    const route = await failedRoute(context, node)
    return [failure('documents', noOf(documents), node, [placeOf(node, route)]), await wayBack(context, node)]
  }
  const { discovered, continuity } = documents.value
  const said = `${node} serves its documents, and ${discovered.baseUrl.authority} agrees to speak for it.`
  const checks = [
    well('documents', said),
    well('keys', continuities[continuity]),
    versionsOf(documents.value, node),
  ]
  const signed = await testSignature(context, node)
  const isHeard = signed[0]?.isWell === true
  return [
    ...checks,
    ...signed,
    isHeard ? await testBody(context, node) : untried('body', 'The signature comes first.'),
    await wayBack(context, node),
  ]
}

/** Which of the two places a document was missing from. */
function placeOf(node: NodeId, route: string | undefined): string {
  if (route === undefined) return 'No request was sent.'
  return route === '/.well-known/parley'
    ? `The request was GET https://${node}${route}. Where a website answers at this domain, its web server has to pass that path on.`
    : `The request was GET ${route} below its base_url, while the well-known document was served: a proxy does not pass that path on, or rewrites it.`
}

/** Of the request that failed. */
async function failedRoute(context: Context, node: NodeId): Promise<string | undefined> {
  await flushExchanges(context)
  const filter = { peer: node, direction: 'out', verdict: 'failed' } as const
  const [last] = await listExchanges(context.db, filter, { limit: 1 })
  return last?.route
}

const continuities: Readonly<Record<Documents['continuity'], string>> = {
  first: 'Nothing is pinned of it yet: compare fingerprints when it is introduced.',
  same: 'Its keys are those that are pinned.',
  extended: 'Its key history continues the one that is pinned.',
  recovered: 'It has replaced its keys with a recovery key, as its pinned history allows.',
}

function versionsOf({ discovered }: Documents, node: NodeId): Check {
  const { versions } = discovered.statement.payload
  if (versions.some(speaks)) return well('versions', `It speaks ${versions.join(', ')}.`)
  return failure('versions', { reason: 'version', detail: versions.join(' ') }, node)
}

/** A signed request and its answer; the clock comes along with it. */
async function testSignature(context: Context, node: NodeId): Promise<Check[]> {
  if (!(await findPeer(context.db, node)))
    return [untried('signature', `${node} is not known here. Introduce it, then test again.`)]
  const answer = await callPeer(context, node, { contract: ping })
  if (!answer.ok) return [failure('signature', noOf(answer), node, waysToBreak(noOf(answer)))]
  if (answer.value.node !== node) {
    const wrong = { reason: 'bad-answer', detail: 'another-node' } as const
    return [failure('signature', wrong, node, [`${answer.value.node} answers in its place.`])]
  }
  const deltaMs = answer.value.now * 1000 - context.clock.now()
  return [well('signature', 'A signed request arrives as it was made.'), clockOf(deltaMs, node)]
}

function waysToBreak({ reason, detail }: No): string[] {
  if (reason !== 'signature') return []
  if (detail?.startsWith('signature-invalid'))
    return ['What was signed is not what arrived: a proxy rewrites the path, the query or a signed header.']
  if (detail?.startsWith('signature-missing'))
    return ['A proxy removes the headers Signature and Signature-Input.']
  return detail?.startsWith('wrong-destination') ? ['A proxy leads to the node of somebody else.'] : []
}

function clockOf(deltaMs: number, node: NodeId): Check {
  const seconds = Math.round(Math.abs(deltaMs) / 1000)
  const way = deltaMs > 0 ? 'ahead of' : 'behind'
  const sentence = `Its clock is ${seconds} seconds ${way} ours.`
  if (seconds <= limits.clockWarnSeconds)
    return well('clock', seconds === 0 ? 'Its clock is as ours.' : sentence)
  return failure('clock', { reason: 'clock-skew', detail: `${seconds} s` }, node, [sentence])
}

/** Only its own requests show whether it reaches us. */
async function wayBack(context: Context, node: NodeId): Promise<Check> {
  const filter = { peer: node, direction: 'in', verdict: 'accepted' } as const
  const [last] = await listExchanges(context.db, filter, { limit: 1 })
  const ask = `Its operator tries the way here by: npx --no parley selftest federation ${context.node}`
  if (!last) return untried('way back', `No request of it has been accepted here. ${ask}`)
  const age = context.clock.now() - last.at
  const sentence = `Its last request that was accepted here came on ${sayTime(last.at)}.`
  return age <= limits.leaseSeconds * 1000
    ? well('way back', sentence)
    : untried('way back', `${sentence} ${ask}`)
}
