import t from 'tap'
import { network, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { entriesOf, eventuallySees, post, share, startThread, textsOf } from '../helpers/spaces.ts'

// People of another company with a part of the history: their node is sent that part, and nothing before it.

type World = { net: Network; alice: Person; bob: Person }

async function acmeAndGlobex(): Promise<World> {
  const net = await network(['acme', 'globex'])
  const alice = await net.person('alice', 'acme')
  const bob = await net.person('bob', 'globex')
  await net.befriend('acme', 'globex')
  return { net, alice, bob }
}

/** Has any of these texts come to a node, in whatever request or answer? */
function hasHeard(net: Network, node: string, ...texts: string[]): boolean {
  const heard = net.wire.sightings.flatMap(({ from, to, body, answer }) => [
    ...(to === node ? [body] : []),
    ...(from === node ? [answer] : []),
  ])
  return heard.some((words) => texts.some((text) => words.includes(text)))
}

t.test('JOI-01, JOI-06: who joins from now on gets what comes, checked from a snapshot on', async (t) => {
  const { net, alice, bob } = await acmeAndGlobex()
  t.teardown(async () => await net[Symbol.asyncDispose]())
  const thread = await startThread(alice, { title: 'Launch' })
  await post(alice, thread, 'A secret of before.')
  await share(net, alice, thread, bob, { history: 'now' })
  await post(alice, thread, 'Welcome.')
  await eventuallySees(net, bob, thread, 'Welcome.')
  t.strictSame(await textsOf(bob, thread), ['Welcome.'])
  t.notOk(hasHeard(net, 'globex.test', 'A secret of before.'))
  const types = (await entriesOf(bob, thread)).map(({ type, standing }) => [type, standing])
  t.strictSame(types, [
    ['member.join', 'verified'],
    ['msg.post', 'verified'],
  ])
  await post(bob, thread, 'Thank you.')
  await eventuallySees(net, alice, thread, 'Thank you.')
  await eventuallySees(net, bob, thread, 'Thank you.')
  const seen = await bob.get<{ members: { person: { name: string } }[]; title: string }>(
    `/api/spaces/${thread}`,
  )
  t.strictSame(seen.members.map(({ person }) => person.name).toSorted(), ['alice', 'bob'])
  t.equal(seen.title, 'Launch')
})
