import { sha256 } from '#federation/base64url.ts'
import { signReceipt } from '#federation/log-documents.ts'
import type { HttpRequest } from '#federation/transport/http.ts'
import type { Receipt } from '#schema/wire/log.ts'
import { pick } from './chance.ts'
import type { Life, SimNode, World } from './parts.ts'

// What a node that does not mean well answers, beside what it says of its own accord (`byzantine.ts`): as a host with what
// was true once, as a follower with more than it holds.

const entriesTarget = /\/v1\/spaces\/(s_[A-Za-z0-9_-]{43})\/entries/

/** The one that does not mean well, while it lies. */
export function liarOf(world: World): SimNode | undefined {
  if (world.isCalm || world.faults.swarm.lieEvery === 0) return undefined
  return pick(world.faults.roll('liar'), world.nodes)
}

/** The text that it gives in place of its answer; undefined: the truth. `id`: of the gate that it answers behind. */
export function distort(
  about: { readonly life: Life; readonly to: SimNode; readonly request: HttpRequest; readonly id: string },
  text: string,
): string | undefined {
  const { life, to, request } = about
  const space = entriesTarget.exec(request.target)?.[1]
  if (space === undefined || liarOf(life.world) !== to) return undefined
  return request.method === 'GET' ? older(about, space) : inflated(about, text)
}

type About = Parameters<typeof distort>[0]

/** What it said when it was first asked for this log. Not across an end: that would be another copy, not an older one. */
function older({ life: { world, node }, to, request, id }: About, space: string): string | undefined {
  if (world.faults.roll(`${id} older`) > 0.9) return undefined
  const ends = world.closures.filter((one) => one.space === space).map(({ at }) => at)
  const before = world.tap.firstAnswer(node, to, request, Math.max(-Infinity, ...ends))
  if (before) world.reach('older head served')
  return before?.payload
}

/** A receipt for entries that are not there. */
function inflated({ life: { world }, to, id }: About, text: string): string | undefined {
  if (world.faults.roll(`${id} inflated`) > 0.1 || !to.life?.running) return undefined
  const answer = JSON.parse(text) as { receipt: string }
  const said = JSON.parse(Buffer.from(answer.receipt.split('.')[1]!, 'base64url').toString()) as Receipt
  const seq = said.seq + 1 + Math.floor(3 * world.faults.roll(`${id} more`))
  const hash = sha256(`nothing ${id}`)
  const receipt = { ...said, seq, hash, kept: { epoch: said.epoch, seq, hash } }
  world.hasInflated = true
  world.reach('inflated receipt')
  return JSON.stringify({ ...answer, receipt: signReceipt(receipt, to.life.context.keys.signer) })
}
