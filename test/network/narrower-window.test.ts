import t from 'tap'
import { network } from '../helpers/network.ts'
import { eventuallySees, inviteTo, post, share, startGroup, startThread, textsOf } from '../helpers/spaces.ts'

// A company's window can come to begin later than its copy ends: the wider route was withdrawn before the log came.

t.test('what a company lacks comes without a gap, although its window begins behind it by now', async (t) => {
  await using net = await network(['acme', 'globex'])
  const alice = await net.person('alice', 'acme')
  const anna = await net.person('anna', 'acme')
  const bob = await net.person('bob', 'globex')
  const bea = await net.person('bea', 'globex')
  await net.befriend('acme', 'globex')
  const group = await startGroup(alice, { title: 'Team' })
  for (const person of [bob, bea]) await share(net, alice, group, person)
  const thread = await startThread(alice, { title: 'Plan', people: [anna], groups: [group] })
  await post(alice, thread, 'One.')
  await eventuallySees(net, bob, thread, 'One.')

  const isOfThread = (_: string, to: string, { target }: { target: string }): boolean =>
    to === 'globex.test' && target.includes(`${thread}/entries`)
  const arriveAgain = net.wire.lose(isOfThread)
  await post(alice, thread, 'Two.')
  const invitation = await inviteTo(net, alice, thread, bob, { history: 'now' })
  await bob.ok('POST', `/api/invitations/${invitation}/accept`)
  await net.eventually('bob is a member by himself', async () => {
    const { members } = await alice.get<{ members: { person: { id: string } }[] }>(`/api/spaces/${thread}`)
    return members.some(({ person }) => person.id === bob.id)
  })
  await alice.ok('DELETE', `/api/spaces/${thread}/groups/${group}`)
  arriveAgain()
  await post(anna, thread, 'Three.')
  await eventuallySees(net, bob, thread, 'Three.')
  t.strictSame(await textsOf(bob, thread), ['Three.'], 'he sees what his own window shows')
  t.equal(await textsOf(bea, thread), undefined)
})
