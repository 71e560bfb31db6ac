import type { Entry } from '#federation/chain.ts'
import type { MessagePost } from '#schema/event/message-post.ts'
import type { SpaceId, UserId } from '#schema/ids.ts'
import { findSpace } from '#server/db/spaces.ts'
import type { CheckedNode, Fault } from '../helpers/checker.ts'
import { loadReplicas, type Replicas } from '../helpers/checker/load.ts'
import { participants } from '../helpers/checker/reach.ts'
import { forgeEntry, forgeEvent, push } from '../helpers/forge.ts'
import { pick } from './chance.ts'
import { ask } from './people.ts'
import { probe } from './probe.ts'
import type { SimNode, SimSpace } from './parts.ts'
import type { SimulatedWorld } from './world.ts'

// After the verdict, in some histories: what takes days, and what ends a space for good.

const dayMs = 24 * 60 * 60 * 1000
/** Longer than a lease lets a copy be read while its host is silent. */
const silenceMs = 8 * dayMs
const settleMs = 15_000
const triesMax = 8

type Rest = () => Promise<boolean>

/** `rest`: lets the world come to rest. */
export async function epilogue(
  world: SimulatedWorld,
  checked: readonly CheckedNode[],
  rest: Rest,
): Promise<Fault[]> {
  const roll = world.faults.roll('epilogue')
  if (roll < 0.15) return await leasesRunOut(world, checked, rest)
  if (roll < 0.3) return await twoStories(world, checked)
  return []
}

/** I-14: of a host that nobody hears nothing is read once its leases are over; and all of it again when it is back. */
async function leasesRunOut(
  world: SimulatedWorld,
  checked: readonly CheckedNode[],
  rest: Rest,
): Promise<Fault[]> {
  const { scheduler, faults, nodes } = world
  const host = pick(faults.roll('silent host'), nodes)
  for (const node of nodes) {
    if (node === host) continue
    world.cut(node, host)
    world.cut(host, node)
  }
  scheduler.leap(silenceMs)
  await scheduler.until(() => false, settleMs)
  const found = await scheduler.during(readsOf(world, host))
  world.reach('lease ran out')
  world.mend()
  for (let tries = 0; ; tries++) {
    const isAtRest = await rest()
    const { faults: kept } = await scheduler.during(probe(world, await load(checked)))
    // Leases are no part of rest; whoever was silent for so long is tried again once a minute.
    if (tries < triesMax && (!isAtRest || kept.length > 0)) await scheduler.until(() => false, settleMs)
    else return [...found, ...kept]
  }
}

async function readsOf(world: SimulatedWorld, host: SimNode): Promise<Fault[]> {
  const found: Fault[] = []
  for (const space of world.spaces.filter((one) => one.host === host)) {
    for (const person of world.people.filter(({ node }) => node !== host)) {
      const url = `/api/spaces/${space.id}/entries?limit=1`
      const reply = await ask(world, person, { method: 'GET', url })
      // What its host never had is its starter's own.
      if (!('body' in reply) || reply.status !== 200 || reply.body['headSeq'] === 0) continue
      const detail = `${person.handle} reads ${space.id} after its lease`
      found.push({ id: 'I-14', node: person.node.id, detail })
    }
  }
  return found
}

/** I-27: a host tells its two followers different things, and within an hour neither goes on. */
async function twoStories(world: SimulatedWorld, checked: readonly CheckedNode[]): Promise<Fault[]> {
  const { scheduler } = world
  const replicas = await load(checked)
  const space = world.spaces.find(({ id, host, starter }) => {
    const isTheirs = world.people.some(({ handle, node }) => handle === starter && node === host)
    return isTheirs && participants(replicas.get(host.id)!, id as SpaceId).size === 2
  })
  if (!space) return []
  const followers = world.nodes.filter((node) => node !== space.host)
  for (const node of followers) {
    const isTaken = await scheduler.during(tellStory(world, space, node))
    if (!isTaken) return []
  }
  world.reach('two stories told')
  // Each asks another one every hour.
  for (let i = 0; i < 4; i++) {
    scheduler.leap(dayMs / 96)
    await scheduler.until(() => false, settleMs)
  }
  const after = await load(checked)
  return followers.flatMap((node): Fault[] => {
    const frozen = after.get(node.id)?.copies.get(space.id as SpaceId)?.space.frozen
    return frozen ? [] : [{ id: 'I-27', node: node.id, detail: `${space.id} goes on with two histories` }]
  })
}

/** What somebody of the host's wrote next, in this follower's version. */
async function tellStory(
  world: SimulatedWorld,
  { id, host, starter }: SimSpace,
  to: SimNode,
): Promise<boolean> {
  const { context } = host.life!
  const space = id as SpaceId
  const sender = world.people.find(({ handle }) => handle === starter)!.id as UserId
  const content: MessagePost = { text: `Only for ${to.name}.`, fmt: 'plain', mentions: [] }
  const event = forgeEvent(context, { space, sender, host: context.node, content })
  const row = (await findSpace(context.db, space))!
  const head = { epoch: row.epoch, seq: row.headSeq, hash: row.headHash }
  const entry: Entry = forgeEntry(space, head, event, context.clock.now())
  const answer = await push(context, to.id, space, [{ entry, wire: event.wire }])
  return answer.ok
}

async function load(checked: readonly CheckedNode[]): Promise<Replicas> {
  const replicas: Replicas = new Map()
  for (const { id, db } of checked) replicas.set(id, await loadReplicas(id, db))
  return replicas
}
