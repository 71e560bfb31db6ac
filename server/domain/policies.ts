import type { NodeId, SpaceId } from '#schema/ids.ts'
import type { PartnerPolicy, SpacePolicy, WorkspacePolicy } from '#schema/policy.ts'
import type { Context } from '#server/context.ts'
import { insertAudit } from '#server/db/audit.ts'
import { insertControlMessage } from '#server/db/control-messages.ts'
import type { Tx } from '#server/db/open.ts'
import { findPeer, listApproved } from '#server/db/peers.ts'
import {
  getPartnerPolicy,
  getSpacePolicy as findSpacePolicy,
  getWorkspacePolicy,
  putPolicy,
} from '#server/db/policies.ts'
import { policyTowards } from '#server/policy/effective.ts'
import { mayDecide } from '#server/policy/enter.ts'
import { newUuid } from '#server/ports/random.ts'
import { Refusal } from '#server/refusal.ts'
import { hostedSpace } from './access.ts'
import type { Actor } from './actor.ts'

type Towards = { readonly differs: PartnerPolicy; readonly holds: WorkspacePolicy }

export async function getPolicies(context: Context): Promise<WorkspacePolicy> {
  return await getWorkspacePolicy(context.db)
}

export async function putPolicies(
  context: Context,
  actor: Actor,
  settings: WorkspacePolicy,
): Promise<WorkspacePolicy> {
  await context.db.transaction().execute(async (tx) => {
    const { transitive } = await getWorkspacePolicy(tx)
    await change(context, tx, actor, { scope: 'workspace', settings })
    if (transitive === settings.transitive) return
    for (const node of await listApproved(tx, context.node)) await queueHello(context, tx, node)
  })
  context.wake.signal('control')
  // What our documents show of people may be different now.
  context.wake.signal('identities')
  return settings
}

export async function getPeerPolicy(context: Context, node: NodeId): Promise<Towards> {
  if (node === context.node || !(await findPeer(context.db, node))) throw new Refusal('not-found')
  const differs = await getPartnerPolicy(context.db, node)
  return { differs, holds: await policyTowards(context.db, node) }
}

export async function putPeerPolicy(
  context: Context,
  actor: Actor,
  { node, settings }: { readonly node: NodeId; readonly settings: PartnerPolicy },
): Promise<Towards> {
  const { holds } = await getPeerPolicy(context, node)
  await context.db.transaction().execute(async (tx) => {
    await change(context, tx, actor, { scope: node, settings })
    const { transitive } = await policyTowards(tx, node)
    if (transitive !== holds.transitive) await queueHello(context, tx, node)
  })
  context.wake.signal('control')
  return await getPeerPolicy(context, node)
}

export async function getSpacePolicy(context: Context, actor: Actor, id: SpaceId): Promise<SpacePolicy> {
  const space = await hostedSpace(context, actor, id)
  return await findSpacePolicy(context.db, space.id)
}

export async function putSpacePolicy(
  context: Context,
  actor: Actor,
  { spaceId, settings }: { readonly spaceId: SpaceId; readonly settings: SpacePolicy },
): Promise<SpacePolicy> {
  const space = await hostedSpace(context, actor, spaceId)
  if (!(await mayDecide(context, space.id, actor.userId))) throw new Refusal('no-right')
  await context.db
    .transaction()
    .execute(async (tx) => await change(context, tx, actor, { scope: space.id, settings }))
  return settings
}

async function change(
  context: Context,
  tx: Tx,
  actor: Actor,
  policy: Pick<Parameters<typeof putPolicy>[1], 'scope' | 'settings'>,
): Promise<void> {
  const at = context.clock.now()
  await putPolicy(tx, { ...policy, changedAt: at, changedBy: actor.userId })
  const id = newUuid(context.clock, context.random)
  await insertAudit(tx, { id, at, actor: actor.userId, act: 'policy.change', subject: policy.scope })
}

/** A partner is told what we do when it brings companies in, so that it can say so to whoever does (§11.5). */
async function queueHello(context: Context, tx: Tx, node: NodeId): Promise<void> {
  const id = newUuid(context.clock, context.random)
  const createdAt = context.clock.now()
  await insertControlMessage(tx, { id, node, kind: 'hello', subject: node, body: '', createdAt })
}
