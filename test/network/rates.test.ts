import t from 'tap'
import type { SpaceId, UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { ping } from '#schema/wire/endpoints.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import { forgeEvent, submit } from '../helpers/forge.ts'
import { network } from '../helpers/network.ts'
import { share, startThread, textsOf } from '../helpers/spaces.ts'

// How fast people of another company, and a company as a whole, may write in what we host.

const eventsPerUser = { perSecond: limits.eventsPerUserPerSecondMax, burst: limits.eventsPerUserBurstMax }

t.test(
  'SUB-15: a partner that submits too much is told when to come again, and others are not held up',
  async (t) => {
    const settings = { acme: { eventsPerUser } }
    const net = await network(['acme', 'globex', 'initech'], { settings })
    t.teardown(async () => await net[Symbol.asyncDispose]())
    const alice = await net.person('alice', 'acme')
    const bob = await net.person('bob', 'globex')
    await net.person('ivan', 'initech')
    await net.befriend('acme', 'globex')
    await net.befriend('acme', 'initech')
    const space = (await startThread(alice, { title: 'Launch' })) as SpaceId
    await share(net, alice, space, bob, 'poster')
    await net.clock.advance(10_000)
    const globex = net.node('globex').context
    const some = (n: number) =>
      Array.from({ length: n }, () => forgeEvent(globex, { space, sender: bob.id as UserId }))

    const first = await submit(globex, space, some(50))
    t.ok(first.ok)
    if (!first.ok) return
    const statuses = first.value.results.map(({ status }) => status)
    t.strictSame(statuses.slice(0, 30), Array<string>(30).fill('accepted'))
    t.strictSame(statuses.slice(30), Array<string>(20).fill('retry'), 'one person, thirty at once')
    t.ok(first.value.checkpoint)
    t.ok((await submit(globex, space, some(50))).ok, 'the second hundredth of this second')
    const third = await submit(globex, space, some(50))
    t.match(third, { ok: false, refused: { code: 'rate', retry: 'later', retryAfter: 1 } })
    const { context: initech } = net.node('initech')
    t.ok((await callPeer(initech, 'acme.test' as never, { contract: ping })).ok, 'others do not notice')
    t.equal((await textsOf(alice, space))?.length, 30)

    await net.clock.advance(2_000)
    const later = await submit(globex, space, some(5))
    t.ok(
      later.ok && later.value.results.every(({ status }) => status === 'accepted'),
      'and then they may again',
    )
  },
)
