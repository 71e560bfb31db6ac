import t, { type Test } from 'tap'
import { type Entry, type Head, readEntry } from '#federation/chain.ts'
import type { KeyPair } from '#federation/keys.ts'
import { signCheckpoint } from '#federation/log-documents.ts'
import { type NodeId, nodeSender, type UserId } from '#schema/ids.ts'
import type { WireEvent } from '#schema/wire/event.ts'
import { findSpace } from '#server/db/spaces.ts'
import { recoverKeys } from '#server/peers/own-keys/recover.ts'
import { branchesOf, offeredTo, take } from '../helpers/branching.ts'
import { forgeEntry, forgeEvent, push } from '../helpers/forge.ts'
import { idOf } from '../helpers/network.ts'
import { eventuallyRecovers } from '../helpers/recovering.ts'
import { type SharedThread, sharedThread } from '../helpers/shared-thread.ts'
import { eventuallySees, post, textsOf } from '../helpers/spaces.ts'
import { recoveryKeyOf, rotateAway, withKey } from '../helpers/stolen.ts'
import { kindsAt } from '../helpers/two-faced.ts'

// A thief has written into logs with a key of their own, which the recovery of the owner cuts off.

type Robbed = SharedThread & { readonly own: KeyPair; readonly since: number; readonly head: Head }

/** globex has pinned a key of the thief's as acme's. */
async function robbed(): Promise<Robbed> {
  // What the thief writes is not in the log of acme.
  const world = await sharedThread({ except: ['I-06', 'I-16'] })
  const { net, thread } = world
  await net.clock.advance(2_000)
  const since = Math.floor(net.clock.now / 1000)
  const own = await rotateAway(net, 'acme', 'globex')
  const { epoch, headSeq: seq, headHash: hash } = (await findSpace(net.node('acme').context.db, thread))!
  return { ...world, own, since, head: { epoch, seq, hash } }
}

async function recover(t: Test, { net, since }: Robbed): Promise<void> {
  await net.clock.advance(30_000)
  const recovery = { recoveryKey: recoveryKeyOf('acme'), since }
  t.match(await recoverKeys(net.node('acme').context, recovery), { ok: true })
  await eventuallyRecovers(net, 'acme')
}

for (const thiefs of [1, 2])
  t.test(
    `[B8] what a follower took under a cut-off key is another branch, and is offered (epoch ${thiefs})`,
    async (t) => {
      await using world = await robbed()
      const { net, alice, bob, thread, own, head } = world
      const { seq, hash } = head
      const { context } = net.node('acme')
      const lines: { entry: Entry; wire: WireEvent }[] = []
      let at = head
      if (thiefs > 1) {
        const content = { incarnation: 'thief', after: head } as never
        const event = forgeEvent(context, {
          space: thread,
          sender: nodeSender(context.node) as never,
          type: 'space.reanchor',
          content,
        })
        const entry = forgeEntry(thread, { ...head, epoch: thiefs }, event, net.clock.now)
        lines.push({ entry, wire: event.wire })
        at = { epoch: thiefs, seq: entry.body.seq, hash: entry.hash }
      }
      const event = forgeEvent(context, { space: thread, sender: alice.id as UserId })
      lines.push({ entry: forgeEntry(thread, at, event, net.clock.now), wire: event.wire })
      t.match(await push(withKey(context, own), idOf('globex'), thread, lines), { ok: true })
      await eventuallySees(net, bob, thread, 'Forged.')
      await recover(t, world)
      t.strictSame(await textsOf(alice, thread), ['Before.'], 'nothing of it was ever signed by acme')
      await post(alice, thread, 'It is us again.')
      await net.clock.leap(60 * 60_000)
      const offered = await offeredTo(net, bob, thread)
      t.match(offered, { epoch: thiefs + 1, seq, hash })
      t.strictSame(await textsOf(bob, thread), ['Before.', 'Forged.'])
      const kinds = (await kindsAt(net, 'globex')).filter((kind) => !kind.startsWith('new-epoch'))
      t.strictSame(kinds, ['keys-recovered acme.test', 'epoch-offered acme.test'])
      t.ok((await kindsAt(net, 'acme')).includes('cut-off-branch globex.test'))
      t.match(await take(bob, thread, offered), { status: 200, body: { epoch: thiefs + 1, taken: true } })
      t.strictSame(await textsOf(bob, thread), ['Before.', 'It is us again.'])
      t.match((await branchesOf(bob, thread)).aside, [{ epoch: thiefs, first: seq + 1 }])
      await post(bob, thread, 'Good.')
      await eventuallySees(net, alice, thread, 'Good.')
    },
  )

t.test('[B8] what a thief has only passed on under a key of their own is no other branch', async (t) => {
  await using world = await robbed()
  const { net, alice, bob, thread, own, head } = world
  const { context } = net.node('acme')
  const stop = net.wire.lose((from, _, { method, target }) => {
    return from === 'acme.test' && method === 'POST' && target.includes('/entries')
  })
  await post(alice, thread, 'Genuine.')
  await net.clock.settle()
  stop()
  const { text, header, salt, content } = await context.db
    .selectFrom('entry')
    .innerJoin('content', (join) =>
      join.onRef('content.spaceId', '=', 'entry.spaceId').onRef('content.seq', '=', 'entry.seq'),
    )
    .select(['entry.text', 'entry.header', 'content.salt', 'content.text as content'])
    .where('entry.spaceId', '=', thread)
    .where('entry.seq', '=', head.seq + 1)
    .executeTakeFirstOrThrow()
  const read = readEntry(text)
  if (!read.ok) throw new Error(read.code)
  const lines = [{ entry: read.value, wire: { header, salt, content } }]
  t.match(await push(withKey(context, own), idOf('globex'), thread, lines), { ok: true })
  await recover(t, world)
  await post(alice, thread, 'It is us again.')
  await eventuallySees(net, bob, thread, 'It is us again.')
  t.match(await branchesOf(bob, thread), { head: { epoch: 1 }, frozen: null, offered: null })
})

for (const [what, made] of [
  ['of a far epoch', { epoch: 2 ** 31 - 1, laterMs: -10_000 }],
  ['when no key of ours was in doubt', { epoch: 1, laterMs: 10 * 365 * 86_400_000 }],
] as const)
  t.test(`[B8] a partner that makes such a branch up makes nobody begin an epoch: ${what}`, async (t) => {
    await using world = await robbed()
    const { net, alice, thread, own, head } = world
    net.wire.rewrite(
      (_, to, { target }) => to === 'globex.test' && target.includes('/copies'),
      (body) => {
        const answer = JSON.parse(body) as { copies: { checkpoint: string }[] }
        const { epoch, laterMs } = made
        const place = { space: thread, epoch, seq: 99, hash: head.hash, state: head.hash }
        const claim = { v: 1, iss: 'acme.test' as NodeId, ...place, at: net.clock.now + laterMs } as const
        for (const copy of answer.copies) copy.checkpoint = signCheckpoint(claim, own.signer)
        return JSON.stringify(answer)
      },
    )
    await recover(t, world)
    t.equal((await branchesOf(alice, thread)).head.epoch, 1)
    await post(alice, thread, 'And on.')
  })
