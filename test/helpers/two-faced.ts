import type { Head } from '#federation/chain.ts'
import type { MessagePost } from '#schema/event/message-post.ts'
import type { SpaceId, UserId } from '#schema/ids.ts'
import { findSpace } from '#server/db/spaces.ts'
import { forgeEntry, forgeEvent, push } from './forge.ts'
import { network, type Network } from './network.ts'
import type { Person } from './person.ts'
import { eventuallySees, post, share, startThread } from './spaces.ts'

// A host that tells its followers different things.

export type World = { net: Network; alice: Person; bob: Person; carol: Person; space: SpaceId; head: Head }

/** acme hosts a thread with people of globex and initech. */
export async function threeInAThread(): Promise<World> {
  // What acme pushes here is not in its own log.
  const net = await network(['acme', 'globex', 'initech'], { except: ['I-06', 'I-16'] })
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  const carol = await net.person('carol', 'initech')
  await net.befriend('acme', 'globex')
  await net.befriend('acme', 'initech')
  const space = (await startThread(alice, { title: 'Launch' })) as SpaceId
  await share(net, alice, space, bob)
  await share(net, alice, space, carol)
  await post(alice, space, 'Before.')
  await eventuallySees(net, bob, space, 'Before.')
  await eventuallySees(net, carol, space, 'Before.')
  const { epoch, headSeq, headHash } = (await findSpace(net.node('acme').context.db, space))!
  return { net, alice, bob, carol, space, head: { epoch, seq: headSeq, hash: headHash } }
}

/** acme tells one node that alice wrote this next; the answer is that node's receipt. */
export async function tell(
  { net, alice, space }: World,
  to: string,
  { after, text, cosigs }: { after: Head; text: string; cosigs?: string[] },
): Promise<{ head: Head; receipt: string }> {
  const acme = net.node('acme').context
  const content: MessagePost = { text, fmt: 'plain', mentions: [] }
  const event = forgeEvent(acme, { space, sender: alice.id as UserId, content })
  const entry = forgeEntry(space, after, event, acme.clock.now())
  const answer = await push(
    acme,
    `${to}.test`,
    space,
    [{ entry, wire: event.wire }],
    cosigs ? { cosigs } : {},
  )
  if (!answer.ok) throw new Error(`${to} did not take it: ${JSON.stringify(answer)}`)
  return { head: { epoch: 1, seq: entry.body.seq, hash: entry.hash }, receipt: answer.value.receipt }
}

export const isFrozen = async (net: Network, node: string, space: SpaceId): Promise<boolean> =>
  (await findSpace(net.node(node).context.db, space))!.frozen !== null

export async function kindsAt(net: Network, node: string): Promise<string[]> {
  const rows = await net.node(node).context.db.selectFrom('securityEvent').select(['kind', 'peer']).execute()
  return rows.map(({ kind, peer }) => `${kind} ${peer}`)
}
