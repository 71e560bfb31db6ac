import { normaliseTypedDomain } from '#federation/domain.ts'
import { PeerPattern, type PeerRule } from '#schema/api/peer-rules.ts'
import type { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { insertAudit } from '#server/db/audit.ts'
import type { Tx } from '#server/db/open.ts'
import * as rules from '#server/db/peer-rules.ts'
import { listPeers } from '#server/db/peers.ts'
import { findLookalikes } from '#server/policy/lookalikes.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import type { Actor } from './actor.ts'

// Companies named as welcome or unwelcome before they have ever asked. An entry is a whole node id, or `*.` and a
// domain; nothing matches a part of a label, so `*.example` is no `badexample`.

export async function listPeerRules(context: Context): Promise<{ rules: PeerRule[] }> {
  const rows = await rules.listPeerRules(context.db, limits.peerRulesMax)
  return { rules: rows.map(({ pattern, list, since }) => ({ pattern, list, since })) }
}

/** What an entry would mean, before anybody relies on it. */
export async function previewPeerRule(
  context: Context,
  typed: string,
): Promise<{ pattern: PeerPattern; matches: NodeId[]; lookalikes: NodeId[] }> {
  const pattern = readPattern(typed)
  const matches = await rules.listMatching(context.db, context.node, pattern)
  const known = await listPeers(context.db, context.node, { limit: limits.pageLengthMax })
  const nodes = known.map(({ node }) => node)
  return { pattern, matches, lookalikes: findLookalikes(pattern, nodes) }
}

export async function putPeerRule(
  context: Context,
  actor: Actor,
  { pattern: typed, list }: { readonly pattern: string; readonly list: 'allow' | 'block' },
): Promise<{ rules: PeerRule[] }> {
  const pattern = readPattern(typed)
  const since = context.clock.now()
  await context.db.transaction().execute(async (tx) => {
    await rules.putPeerRule(tx, { pattern, list, since, byUser: actor.userId })
    await audit(context, tx, actor, { act: `peer-rule.${list}`, subject: pattern })
  })
  return await listPeerRules(context)
}

export async function deletePeerRule(
  context: Context,
  actor: Actor,
  pattern: string,
): Promise<{ rules: PeerRule[] }> {
  await context.db.transaction().execute(async (tx) => {
    if (!(await rules.deletePeerRule(tx, pattern))) throw new Refusal('not-found')
    await audit(context, tx, actor, { act: 'peer-rule.delete', subject: pattern })
  })
  return await listPeerRules(context)
}

/** In its one form (N4): a whole node id, or `*.` and a domain of at least one label. */
function readPattern(typed: string): PeerPattern {
  const text = typed.trim()
  const isWild = text.startsWith('*.')
  const domain = isWild ? text.slice(2) : text
  // One label is no node id, and stands for everything below it only where that is said.
  const whole = normaliseTypedDomain(isWild ? `x.${domain}` : domain)
  if (!whole.ok) throw new Refusal('invalid-address')
  return PeerPattern.parse(isWild ? `*.${whole.value.slice('x.'.length)}` : whole.value)
}

async function audit(
  context: Context,
  tx: Tx,
  actor: Actor,
  { act, subject }: { readonly act: string; readonly subject: string },
): Promise<void> {
  const id = newUuid(context.clock, context.random)
  await insertAudit(tx, { id, at: context.clock.now(), actor: actor.userId, act, subject })
}
