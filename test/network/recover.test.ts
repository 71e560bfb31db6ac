import t from 'tap'
import type { MessagePost } from '#schema/event/message-post.ts'
import type { SpaceId, UserId } from '#schema/ids.ts'
import { signIdentity } from '#federation/identity.ts'
import { pushIdentities } from '#schema/wire/endpoints.ts'
import { callPeer } from '#server/peers/exchange/call.ts'
import { signFence } from '#federation/fence.ts'
import { signCheckpoint } from '#federation/log-documents.ts'
import { ourCheckpoint } from '#server/peers/truth/confront.ts'
import { verifyEvidence } from '#server/peers/truth/evidence.ts'
import { findSpace } from '#server/db/spaces.ts'
import { receiveFence } from '#server/peers/removal/fences.ts'
import { recoverKeys } from '#server/peers/own-keys/recover.ts'
import { forgeEntry, forgeEvent, push, submit } from '../helpers/forge.ts'
import { idOf, network, type Network } from '../helpers/network.ts'
import type { Person } from '../helpers/person.ts'
import { eventuallyRecovers } from '../helpers/recovering.ts'
import { sharedThread } from '../helpers/shared-thread.ts'
import { entriesOf, eventuallySees, post, share, startThread, textsOf } from '../helpers/spaces.ts'
import { recoveryKeyOf, rotateAway, thiefOf, withKey } from '../helpers/stolen.ts'

// A signing key was stolen, and its owner takes everything back with the recovery key.

type Said = { readonly disputed: boolean; readonly standing: string; readonly text: string | undefined }

function headOf(jws: string): { kid: string } {
  return JSON.parse(Buffer.from(jws.split('.', 1)[0]!, 'base64url').toString()) as { kid: string }
}

/** What somebody reads in a space: the messages, with what is to be known of them. */
async function saidIn(person: Person, space: string): Promise<Said[]> {
  const entries = (await entriesOf(person, space)) as (Awaited<ReturnType<typeof entriesOf>>[number] & Said)[]
  return entries
    .filter(({ type }) => type === 'msg.post')
    .map(({ disputed, standing, content }) => ({
      disputed,
      standing,
      text: content ? String(content['text']) : undefined,
    }))
}

async function disputedOf(person: Person, space: string): Promise<(string | undefined)[]> {
  return (await saidIn(person, space)).filter(({ disputed }) => disputed).map(({ text }) => text)
}

async function alarmsOf(person: Person): Promise<string[]> {
  const { events } = await person.get<{ events: { kind: string }[] }>('/api/security-events')
  return events.map(({ kind }) => kind)
}

/** The time from which on the key was in other hands, in seconds; what came before it was a second ago. */
async function theft(net: Network): Promise<number> {
  await net.clock.advance(2_000)
  return Math.floor(net.clock.now / 1000)
}

t.test('a thief has rotated first; the recovery wins, and what was theirs is marked', async (t) => {
  await using world = await sharedThread()
  const { net, alice, bob, thread } = world
  const [acme, globex] = [net.node('acme').context, net.node('globex').context]
  await post(bob, thread, 'Before the theft.')
  await eventuallySees(net, alice, thread, 'Before the theft.')
  const since = await theft(net)
  const thief = thiefOf(globex)
  const sender = bob.id as UserId
  const forged = forgeEvent(globex, { space: thread, sender })
  t.match(await submit(thief, thread, [forged]), { value: { results: [{ status: 'accepted' }] } })
  const iat = Math.floor(net.clock.now / 1000)
  const who = { sub: sender, kind: 'member', name: 'Mallory', status: 'active' } as const
  const vouched = { v: 1, iss: globex.node, iat, exp: iat + 3_600, ver: 1_000, ...who } as const
  const identities = [signIdentity(vouched, thief.keys.signer)]
  t.match(await callPeer(thief, acme.node, { contract: pushIdentities, body: { identities } }), {
    value: { refused: [] },
  })
  const own = await rotateAway(net, 'globex', 'acme')
  const withOwn = withKey(globex, own)
  const later = forgeEvent(globex, {
    space: thread,
    sender,
    content: { text: 'By a key of their own.', fmt: 'plain', mentions: [] },
  })
  t.match(await submit(withOwn, thread, [later]), { value: { results: [{ status: 'accepted' }] } })
  await net.clock.advance(60_000)

  const wrong = await recoverKeys(globex, { recoveryKey: recoveryKeyOf('acme'), since })
  t.match(wrong, { ok: false, why: 'not-a-recovery-key' })
  const early = { recoveryKey: recoveryKeyOf('globex'), since: since + 86_400 }
  t.match(await recoverKeys(globex, early), { ok: false, why: 'since' })
  const recovered = await recoverKeys(globex, { recoveryKey: recoveryKeyOf('globex'), since })
  t.match(recovered, { ok: true, asked: [] })
  const newKey = recovered.ok ? recovered.key : ''
  await net.eventually('acme has heard of it', async () => (await alarmsOf(alice)).includes('keys-recovered'))
  for (const [context, code] of [
    [thief, 'key-retired'],
    [withOwn, 'key-unknown'],
  ] as const) {
    const event = forgeEvent(globex, { space: thread, sender })
    t.match(await submit(context, thread, [event]), { refused: { code } }, 'at once')
  }
  t.strictSame(await disputedOf(alice, thread), ['Forged.', 'By a key of their own.'])
  await post(bob, thread, 'After.')
  await eventuallySees(net, alice, thread, 'After.')
  const said = await saidIn(alice, thread)
  t.match(said.at(-1), { text: 'After.', disputed: false, standing: 'verified' })
  t.match(
    said.find(({ text }) => text === 'Before the theft.'),
    { disputed: false, standing: 'verified' },
    'what came before stays as it was',
  )
  t.strictSame(
    globex.keys.held.map(({ kid }) => kid),
    [newKey],
    'of the old one nothing is left',
  )
  await net.eventually('bob is vouched for by the new key', async () => {
    const rows = await acme.db.selectFrom('identity').select('jws').where('userId', '=', sender).execute()
    return rows.some(({ jws }) => headOf(jws).kid === newKey)
  })
  const { name } = await acme.db
    .selectFrom('user')
    .select('name')
    .where('id', '=', sender)
    .executeTakeFirstOrThrow()
  t.not(name, 'Mallory', 'however high the version of the thief was')
})

t.test('a host recovers: what the thief wrote into its logs is taken in, marked, and goes on', async (t) => {
  await using world = await sharedThread()
  const { net, alice, bob, thread } = world
  const { context } = net.node('acme')
  const since = await theft(net)
  const thief = thiefOf(context)
  const { epoch, headSeq: seq, headHash: hash } = (await findSpace(context.db, thread))!
  const event = forgeEvent(context, { space: thread, sender: alice.id as UserId })
  const entry = forgeEntry(thread, { epoch, seq, hash }, event, net.clock.now)
  t.match(await push(thief, idOf('globex'), thread, [{ entry, wire: event.wire }]), { ok: true })
  await eventuallySees(net, bob, thread, 'Forged.')
  await net.clock.advance(30_000)

  const recovered = await recoverKeys(context, { recoveryKey: recoveryKeyOf('acme'), since })
  t.match(recovered, { ok: true, asked: ['globex.test'] })
  t.equal((await alice.ask('POST', `/api/spaces/${thread}/messages`, { text: 'Too early.' })).status, 404)
  await eventuallyRecovers(net, 'acme')
  t.strictSame(await disputedOf(alice, thread), ['Forged.'], 'the host has taken back what it never wrote')
  t.strictSame(await disputedOf(bob, thread), ['Forged.'])
  await post(alice, thread, 'It is us again.')
  await eventuallySees(net, bob, thread, 'It is us again.')
  await post(bob, thread, 'Good.')
  await eventuallySees(net, alice, thread, 'Good.')
  t.strictSame(await disputedOf(bob, thread), ['Forged.'], 'what comes by the new key is not disputed')
  t.ok((await entriesOf(bob, thread)).some(({ type }) => type === 'space.reanchor'))
  const again = forgeEvent(context, { space: thread, sender: alice.id as UserId })
  const { headSeq, headHash } = (await findSpace(context.db, thread))!
  const next = forgeEntry(thread, { epoch, seq: headSeq, hash: headHash }, again, net.clock.now)
  const refused = await push(thief, idOf('globex'), thread, [{ entry: next, wire: again.wire }])
  t.match(refused, { refused: { code: 'key-retired' } })
  const globex = net.node('globex').context
  const [word] = await globex.db
    .selectFrom('checkpoint')
    .select('jws')
    .where('spaceId', '=', thread)
    .execute()
  const { seq: at, state } = (await ourCheckpoint(globex, (await findSpace(globex.db, thread))!))!.payload
  const lie = {
    v: 1,
    iss: context.node,
    space: thread,
    epoch,
    seq: at,
    hash,
    state,
    at: since * 1000 - 1,
  } as const
  const evidence = { a: word!.jws, b: signCheckpoint(lie, thief.keys.signer) }
  const verified = await verifyEvidence(globex, { host: context.node, space: thread }, evidence)
  t.match(
    verified,
    { code: 'no-conflict', detail: 'key-in-doubt' },
    'two words of which one may be a thief’s',
  )
})

t.test(
  'a third node that hears of all of it late comes to the same log, and holds nothing for ever',
  async (t) => {
    await using net = await network(['acme', 'globex', 'initech'])
    const alice = await net.person('alice', 'acme')
    const bob = await net.person('bob', 'globex')
    const bea = await net.person('bea', 'globex')
    const carol = await net.person('carol', 'initech')
    await net.befriend('acme', 'globex')
    await net.befriend('acme', 'initech')
    const thread = (await startThread(alice, { title: 'Launch' })) as SpaceId
    for (const person of [bob, bea, carol]) await share(net, alice, thread, person)
    await post(bob, thread, 'Before the theft.')
    await eventuallySees(net, carol, thread, 'Before the theft.')
    const since = await theft(net)
    const globex = net.node('globex').context
    net.cut('acme', 'initech')
    const sender = bob.id as UserId
    await submit(thiefOf(globex), thread, [forgeEvent(globex, { space: thread, sender })])
    const own = withKey(globex, await rotateAway(net, 'globex', 'acme'))
    const content: MessagePost = { text: 'By a key of their own.', fmt: 'plain', mentions: [] }
    const leaves = {
      type: 'member.leave',
      content: { user: bea.id as UserId },
      sender: bea.id as UserId,
    } as const
    const events = [
      forgeEvent(globex, { space: thread, sender, content }),
      forgeEvent(globex, { space: thread, ...leaves }),
    ]
    t.match(await submit(own, thread, events), {
      value: { results: [{ status: 'accepted' }, { status: 'accepted' }] },
    })
    await net.clock.advance(60_000)
    t.strictSame(await alarmsOf(bob), ['own-key-unknown'], 'globex sees that somebody signs in its name')
    await recoverKeys(globex, { recoveryKey: recoveryKeyOf('globex'), since })
    await net.clock.advance(90_000)
    await post(bob, thread, 'After.')
    await eventuallySees(net, alice, thread, 'After.')

    net.heal('acme', 'initech')
    net.hear('acme', 'initech')
    await net.clock.advance(20_000)
    t.notOk(
      (await saidIn(carol, thread)).some(({ text }) => text === 'After.'),
      'the key is looked for twice',
    )
    await net.clock.advance(11 * 60_000)
    net.hear('acme', 'initech')
    await eventuallySees(net, carol, thread, 'After.')
    t.match(await saidIn(carol, thread), [
      { text: 'Before the theft.', disputed: false },
      { text: 'Forged.', disputed: true, standing: 'verified' },
      { text: undefined, disputed: true, standing: 'unverified' },
      { text: 'After.', disputed: false, standing: 'verified' },
    ])
    t.strictSame(await disputedOf(alice, thread), ['Forged.', 'By a key of their own.'])
    for (const person of [alice, carol]) {
      const { members } = await person.get<{ members: { person: { id: string } }[] }>(`/api/spaces/${thread}`)
      t.notOk(
        members.some(({ person }) => person.id === bea.id),
        'what it did to the state is the same everywhere',
      )
    }
  },
)

t.test(
  'orders that a thief has given with keys of their own stop no recovery, and use up their numbers',
  async (t) => {
    // A number of acme's is the thief's.
    await using world = await sharedThread({ except: ['I-17'] })
    const { net, alice, bob, thread } = world
    const [acme, globex] = [net.node('acme').context, net.node('globex').context]
    const since = await theft(net)
    const own = await rotateAway(net, 'acme', 'globex')
    const { epoch, headSeq } = (await findSpace(acme.db, thread))!
    const at = net.clock.now
    const order = {
      n: 1,
      space: thread,
      subject: '*',
      from_seq: headSeq + 1,
      epoch,
      action: 'deny',
      at,
    } as const
    await receiveFence(
      globex,
      acme.node,
      signFence({ v: 1, iss: acme.node, aud: globex.node, ...order }, own.signer),
    )
    t.equal(await textsOf(bob, thread), undefined, 'the thief has shut bob out')
    await net.clock.advance(30_000)
    await recoverKeys(acme, { recoveryKey: recoveryKeyOf('acme'), since })
    await eventuallyRecovers(net, 'acme')
    await eventuallySees(net, bob, thread, 'Before.')
    await alice.ok('DELETE', `/api/spaces/${thread}/members/${bob.id}`)
    await net.eventually('bob is out by the word of acme', async () => {
      const fences = await acme.db.selectFrom('fence').select(['n', 'ackedAt']).execute()
      return fences.some(({ n, ackedAt }) => n === 2 && ackedAt !== null)
    })
    t.strictSame(await alarmsOf(bob), ['keys-recovered'], 'no two orders under one number')
  },
)
