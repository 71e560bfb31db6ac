import t from 'tap'
import { limits } from '#schema/limits.ts'
import { openAuthenticator } from '../helpers/authenticator.ts'
import { handClock } from '../helpers/hand-clock.ts'
import { codeOf, testNode, type TestNode, type TestPerson } from '../helpers/node.ts'

const origin = 'http://acme.localhost:4000'

type Options = Record<string, unknown>

async function optionsFor(person: TestPerson): Promise<Options> {
  return (await person.post('/api/passkeys/options')).json<Options>()
}

async function open(node: TestNode, path: string, payload?: object) {
  return await node.app.inject({ method: 'POST', url: path, ...(payload ? { payload } : {}) })
}

async function requestOptions(node: TestNode): Promise<Options> {
  return (await open(node, '/api/sessions/passkey/options')).json<Options>()
}

t.test('a passkey is added, signs in without a name, and is removed', async (t) => {
  await using node = await testNode()
  const alice = await node.signUp('alice')
  const phone = openAuthenticator(origin)
  const response = phone.create(await optionsFor(alice))
  const added = await alice.post('/api/passkeys', { name: 'My phone', response })
  t.equal(added.statusCode, 201, added.body)
  t.match((await alice.get('/api/passkeys')).json(), { passkeys: [{ name: 'My phone', lastUsedAt: null }] })

  const options = await requestOptions(node)
  t.notOk('allowCredentials' in options, 'the options name nobody')
  const signedIn = await open(node, '/api/sessions/passkey', { response: phone.get(options) })
  t.equal(signedIn.statusCode, 201, signedIn.body)
  t.match(signedIn.json(), { user: { handle: 'alice' }, token: /^[\w-]{43}$/ })
  t.match(String(signedIn.headers['set-cookie']), /HttpOnly/)

  const { id } = added.json<{ id: string }>()
  const bob = await node.signUp('bob')
  t.equal(codeOf(await bob.delete(`/api/passkeys/${id}`)), 'not-found', 'not somebody else by its id')
  t.equal((await alice.delete(`/api/passkeys/${id}`)).statusCode, 204)
  const again = await open(node, '/api/sessions/passkey', { response: phone.get(await requestOptions(node)) })
  t.equal(codeOf(again), 'passkey-refused')
})

t.test(
  'a passkey is refused with a used, old or foreign challenge, for another page, and without its owner',
  async (t) => {
    const clock = handClock()
    await using node = await testNode({ clock })
    const alice = await node.signUp('alice')
    const phone = openAuthenticator(origin)
    const add = async (response: object) =>
      codeOf(await alice.post('/api/passkeys', { name: 'Phone', response }))
    const bob = await node.signUp('bob')
    t.equal(
      await add(phone.create(await optionsFor(bob))),
      'passkey-refused',
      'the challenge of somebody else',
    )
    const elsewhere = { origin: 'http://globex.localhost:4000' }
    t.equal(await add(phone.create(await optionsFor(alice), elsewhere)), 'passkey-refused')
    t.equal(await add(phone.create(await optionsFor(alice), { unverified: true })), 'passkey-refused')
    const creation = await optionsFor(alice)
    t.equal(await add(phone.create(creation)), undefined)
    t.equal(await add(phone.create(creation)), 'passkey-refused', 'a challenge is good once')

    const sign = async (options: Options, changes = {}) =>
      codeOf(await open(node, '/api/sessions/passkey', { response: phone.get(options, changes) }))
    t.equal(await sign(await requestOptions(node), elsewhere), 'passkey-refused')
    t.equal(await sign(await requestOptions(node), { unverified: true }), 'passkey-refused')
    const options = await requestOptions(node)
    t.equal(await sign(options, { counter: 7 }), undefined)
    t.equal(await sign(options), 'passkey-refused')
    t.equal(await sign(await requestOptions(node), { counter: 7 }), 'passkey-refused', 'a copy of the key')
    const early = await requestOptions(node)
    clock.pass(limits.passkeyChallengeLifeMs)
    t.equal(await sign(early), 'passkey-refused')
    t.equal(await sign(await requestOptions(node), { counter: 20 }), undefined)
    const stranger = openAuthenticator(origin).get(await requestOptions(node))
    t.equal(codeOf(await open(node, '/api/sessions/passkey', { response: stranger })), 'passkey-refused')
  },
)
