import { signFence } from '#federation/fence.ts'
import type { MessagePost } from '#schema/event/message-post.ts'
import type { NodeId, SpaceId, UserId } from '#schema/ids.ts'
import type { Batch } from '#schema/wire/log.ts'
import { pushEntries, sendFence, submitEvents } from '#schema/wire/endpoints.ts'
import { signProof } from '#federation/log-documents.ts'
import type { Context } from '#server/context.ts'
import { findSpace } from '#server/db/spaces.ts'
import { callPeer, type PeerAnswer } from '#server/peers/exchange/call.ts'
import { memoryKeys } from '#server/ports/node-keys.ts'
import type { Fault } from '../helpers/checker.ts'
import { forgeEvent } from '../helpers/forge.ts'
import { pick } from './chance.ts'
import type { SimNode, SimSpace, Taken, World } from './parts.ts'

// One of the nodes does not mean well: beside its honest work it says what is not its to say. All of it has to be
// refused; that nothing of it is anywhere in the end is asked of every log (I-15).

const forgedText = 'Forged by nobody.'

type Lie = (world: World, liar: Context, about: About) => Promise<string | undefined>
type About = { readonly target: SimNode; readonly space: SimSpace; readonly roll: (of: string) => number }

const lies: Readonly<Record<string, Lie>> = {
  /** A request that was signed by somebody, and taken, some time ago. */
  async oldRequest(world, _, { target, roll }) {
    const old = pick(roll('which'), world.tap.taken)
    return old && (await sendAgain(world, old, roll('to') < 0.7 ? old.to : target))
  },

  /** A page of its log with the head that it had then: whoever has more keeps it. */
  async oldHead(world, liar, { roll }) {
    const own = world.tap.taken.filter(
      ({ from, request }) => from.id === liar.node && request.target.endsWith('/entries'),
    )
    const old = pick(roll('page'), own)
    if (!old) return undefined
    const [, space] = /\/spaces\/([^/]+)/.exec(old.request.target)!
    const before = await headAt(old.to, space!)
    await callPeer(liar, old.to.id as NodeId, {
      contract: pushEntries,
      params: { space: space as SpaceId },
      body: JSON.parse(Buffer.from(old.request.body!).toString()) as Batch,
    })
    const after = await headAt(old.to, space!)
    world.reach('old head told')
    // A copy that was deleted meanwhile is another matter.
    const isBack = before !== undefined && after !== undefined && after < before
    const isSameCopy = world.closures.every((one) => one.space !== space)
    return isBack && isSameCopy ? `${old.to.id} went back to ${after} of ${space}` : undefined
  },

  /** A message in the name of somebody of another company. */
  async otherName(world, liar, { target, space, roll }) {
    const others = world.people.filter(({ node }) => node.id !== liar.node)
    const sender = pick(roll('sender'), others).id as UserId
    return await submitForged(world, liar, target, space, {
      sender,
      origin: roll('origin') < 0.5 ? liar.node : undefined,
    })
  },

  /** A message of its own user under a key that is not its own. */
  async otherKey(world, liar, { target, space, roll }) {
    const own = world.people.filter(({ node }) => node.id === liar.node)
    const sender = pick(roll('sender'), own).id as UserId
    const keys = memoryKeys(Buffer.from('a key of nobody'.padEnd(32, '.')))
    return await submitForged(world, { ...liar, keys }, target, space, { sender })
  },

  /** An order to end access to what it does not host, in its own name or in the host's. */
  async otherFence(world, liar, { target, space, roll }) {
    if (space.host.id === liar.node) return undefined
    // What a node does not hold has nothing that could be closed: there the order is good for nothing, and taken. And the
    // liar's own next fence, under the same number, would be refused for ever, by its own doing.
    if ((await headAt(target, space.id)) === undefined) return undefined
    const subject = pick(
      roll('whom'),
      world.people.filter(({ node }) => node === target),
    ).id as UserId
    const last = await liar.db
      .selectFrom('fenceCounter')
      .select('n')
      .where('node', '=', target.id as NodeId)
      .executeTakeFirst()
    const fence = signFence(
      {
        v: 1,
        iss: (roll('name') < 0.5 ? liar.node : space.host.id) as NodeId,
        aud: target.id as NodeId,
        n: (last?.n ?? 0) + 1,
        space: space.id as SpaceId,
        subject,
        from_seq: 1000,
        epoch: 1,
        action: 'deny',
        at: liar.clock.now(),
      },
      liar.keys.signer,
    )
    const answer = await callPeer(liar, target.id as NodeId, { contract: sendFence, body: { fence } })
    if ((await headAt(target, space.id)) === undefined) return undefined
    return answer.ok ? `${target.id} took a fence of ${liar.node} for ${space.id}` : refused(world, answer)
  },
}

/** Somebody on the wire sends it again, to whom it was meant for or to another node: undefined when that is refused. */
async function sendAgain(world: World, { from, request }: Taken, to: SimNode): Promise<string | undefined> {
  const { life } = to
  if (!life?.running || life.isOver) return undefined
  const answering = life.running.app.inject({
    method: request.method,
    url: request.target,
    headers: { ...request.headers, host: to.id },
    ...(request.body ? { payload: Buffer.from(request.body) } : {}),
  })
  const answer = await Promise.race([answering, life.died])
  if (answer === 'died') return undefined
  if (answer.statusCode < 300) return `${to.id} took ${request.target} of ${from.id} once more`
  world.reach('old request refused')
  return undefined
}

async function submitForged(
  world: World,
  liar: Context,
  target: SimNode,
  space: SimSpace,
  {
    sender,
    origin = sender.split('@')[1] as NodeId,
  }: { readonly sender: UserId; readonly origin?: NodeId | undefined },
): Promise<string | undefined> {
  const host = target.id as NodeId
  const id = space.id as SpaceId
  const content: MessagePost = { text: forgedText, fmt: 'plain', mentions: [] }
  const event = forgeEvent(liar, { space: id, host, origin, sender, content })
  const proof = signProof({ v: 1, iss: liar.node, space: id, host, events: [event.hash] }, liar.keys.signer)
  const body = { events: [event.wire], proof }
  const answer = await callPeer(liar, host, { contract: submitEvents, params: { space: id }, body })
  const isTaken = answer.ok && answer.value.results.some(({ status }) => status === 'accepted')
  if (isTaken) return `${host} took an event of ${sender} from ${liar.node}`
  return answer.ok ? undefined : refused(world, answer)
}

/** How far a node's copy has come; undefined when it has none, or is down. */
async function headAt({ life }: SimNode, space: string): Promise<number | undefined> {
  if (!life?.running || life.isOver) return undefined
  const row = await Promise.race([findSpace(life.context.db, space as SpaceId), life.died])
  return row === 'died' ? undefined : row?.headSeq
}

function refused(world: World, answer: PeerAnswer<unknown>): undefined {
  if ('refused' in answer) world.reach('lie refused')
}

/** One thing that is not its to say. */
export async function lie(world: World, liar: SimNode, roll: (of: string) => number): Promise<void> {
  const life = liar.life
  if (!life?.running || life.isOver) return
  const target = pick(
    roll('target'),
    world.nodes.filter((node) => node !== liar),
  )
  const space = pick(roll('space'), world.spaces)
  const what = pick(roll('what'), Object.keys(lies))
  const said = lies[what]!(world, life.context, { target, space, roll }).catch(() => undefined)
  const took = await Promise.race([said, life.died])
  world.reach('lie')
  if (took !== undefined && took !== 'died') world.believed.push(took)
}

/** I-15: nothing of it was believed, and nothing of it is anywhere. */
export function forgeryFaults(
  world: World,
  logs: Iterable<{ readonly id: string; readonly contents: readonly (string | null)[] }>,
): Fault[] {
  const found = [...logs].filter(({ contents }) => contents.some((text) => text?.includes(forgedText)))
  return [
    ...world.believed.map((detail): Fault => ({ id: 'I-15', node: 'all', detail })),
    ...found.map(({ id }): Fault => ({ id: 'I-15', node: id, detail: 'it holds what was forged' })),
  ]
}
