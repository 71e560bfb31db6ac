import t from 'tap'
import { isCurrent, readIdentity, verifyIdentity, type IdentityCheck } from '#federation/identity.ts'
import { isDisplayName } from '#schema/wire/identity.ts'
import { acme, bob, bobIdentity, keyPair, kidOf, nowSeconds, take, verdict } from './fixtures.ts'

const day = 86_400
const { key } = keyPair(1)

function judge(changes: Record<string, unknown> = {}, check: Partial<IdentityCheck> = {}, n = 1): string {
  const read = readIdentity(bobIdentity(changes, keyPair(n).signer))
  return verdict(read.ok ? verifyIdentity(read.value, { key, nowSeconds, ...check }) : read)
}

const held = (changes: Record<string, unknown> = {}) => ({ known: take(readIdentity(bobIdentity(changes))) })

t.test('IDN-01 [I1-I8] a document of the home node is read and verifies', async (t) => {
  t.equal(judge(), 'accepted')
  t.match(take(readIdentity(bobIdentity())).payload, {
    sub: bob,
    name: 'Bob',
    kind: 'member',
    status: 'active',
  })
  t.equal(judge({ kind: 'guest', status: 'deleted', org: 'Globex GmbH' }), 'accepted')
  t.equal(judge({}, {}, 2), 'key-unknown')
  t.equal(judge({}, { key: { ...keyPair(2).key, kid: key.kid } }), 'signature-invalid')
})

t.test('IDN-02 [I1] a node vouches for its own users only', async (t) => {
  t.equal(judge({ iss: acme }), 'schema/iss')
  t.equal(judge({ sub: bob.replace('globex', 'sub.globex') }), 'schema/iss')
  t.match(judge({ sub: 'bob@globex.example' }), 'schema/sub')
  t.match(judge({ sub: bob.toUpperCase() }), 'schema/sub')
})

t.test('IDN-03 [I2, I3] exp is there, within seven days, and iat is not in the future', async (t) => {
  t.equal(judge({ exp: undefined }), 'schema/exp')
  t.equal(judge({ iat: undefined }), 'schema/iat')
  t.equal(judge({ iat: nowSeconds, exp: nowSeconds + 7 * day }), 'accepted')
  t.equal(judge({ iat: nowSeconds, exp: nowSeconds + 7 * day + 1 }), 'schema/life')
  t.equal(judge({ iat: nowSeconds, exp: nowSeconds }), 'schema/life')
  t.equal(judge({ iat: nowSeconds + 31 }), 'schema/future')
  t.equal(judge({ iat: nowSeconds + 30 }), 'accepted')
  t.equal(judge({ exp: nowSeconds }), 'schema/expired')
  const { payload } = take(readIdentity(bobIdentity()))
  t.equal(isCurrent(payload, payload.exp - 1), true)
  t.equal(isCurrent(payload, payload.exp), false)
})

t.test('[I4] an older document never comes back, and a version says one thing', async (t) => {
  t.equal(judge({}, held()), 'accepted', 'the same again')
  t.equal(judge({ ver: 4, name: 'Robert' }, held()), 'accepted')
  t.equal(judge({ ver: 2 }, held()), 'identity-rollback')
  t.equal(judge({ name: 'Robert' }, held()), 'identity-rollback', 'another name under the same version')
  t.equal(judge({ iat: nowSeconds, exp: nowSeconds + 2 * day }, held()), 'accepted', 'issued again')
  t.equal(judge({ iat: nowSeconds - 90 }, held()), 'identity-rollback', 'issued before the one we hold')
  t.equal(judge({ exp: nowSeconds + 60 }, held()), 'identity-rollback', 'ends before the one we hold')
  t.equal(judge({ exp: nowSeconds + 86_401 }, held()), 'accepted', 'issued in the same second, for longer')
  const other = bob.replace('bbb', 'ccc')
  t.equal(judge({ sub: other }, held()), 'schema/sub')
})

t.test('IDN-12 [I6] an avatar is a hash, never an address', async (t) => {
  const avatar = { sha256: kidOf(1), size: 1000, type: 'image/png' }
  t.equal(judge({ avatar }), 'accepted')
  t.equal(judge({ avatar: 'https://mallory.example/a.png' }), 'schema/avatar')
  t.match(judge({ avatar: { url: 'https://mallory.example/a.png' } }), /^schema\/avatar/)
  t.match(judge({ avatar: { ...avatar, type: 'image/svg+xml' } }), /^schema\/avatar/)
  t.match(judge({ avatar: { ...avatar, size: 2 ** 30 } }), /^schema\/avatar/)
})

t.test('UNI-07 [I5] names are NFC, of bounded length, with nothing invisible in them', async (t) => {
  const good = [
    'Bob',
    'Zoë Müller',
    '李小龍',
    'محمد علي',
    'אבי כהן',
    'Ngọc Trinh',
    "O'Brien-Smith (IT)",
    '🙂 Bob',
    '❤️',
    'a'.repeat(80),
    '🙂'.repeat(64),
    '👍🏽',
  ]
  for (const name of good) t.equal(isDisplayName(name), true, name)
  const bad: [string, string][] = [
    ['empty', ''],
    ['space only', ' '],
    ['space at the end', 'Bob '],
    ['81 clusters', 'a'.repeat(81)],
    ['257 bytes', `${'é'.repeat(64)}${'ab'.repeat(65)}`],
    ['264 bytes in 66 clusters', '🙂'.repeat(66)],
    ['300 combining marks', `a${'\u0301'.repeat(300)}`],
    ['NFD', 'Zoe\u0308'],
    ['a line feed', 'Bob\nAdmin'],
    ['NUL', 'Bob\0'],
    ['C1 control', 'Bob\u0085'],
    ['line separator', 'Bob\u2028x'],
    ['right-to-left override', 'Bob\u202egnp'],
    ['isolate', '\u2066Bob\u2069'],
    ['Arabic letter mark', 'Bob\u061c'],
    ['zero-width space', 'B\u200bob'],
    ['zero-width joiner', 'B\u200dob'],
    ['word joiner', 'B\u2060ob'],
    ['byte order mark', '\ufeffBob'],
    ['soft hyphen', 'B\u00adob'],
    ['Hangul filler', '\u3164Bob'],
    ['grapheme joiner', 'B\u034fob'],
    ['a variation selector behind a letter', 'Bob\ufe0f'],
    ['tag characters', 'Bob\u{e0062}'],
    ['private use', 'Bob\ue000'],
    ['lone surrogate', 'Bob\ud800'],
  ]
  for (const [why, name] of bad) t.equal(isDisplayName(name), false, why)
  t.equal(judge({ name: 'Bob\u202e' }), 'schema/name')
  t.equal(judge({ org: 'Glo\u200bbex' }), 'schema/org')
})

t.test('IDN-05 IDN-08 [I7, I8] members that the protocol does not name have no effect', async (t) => {
  const { payload } = take(
    readIdentity(bobIdentity({ handle: 'alice', email: 'bob@globex.example', role: 'admin' })),
  )
  t.equal(payload.name, 'Bob')
  t.equal(judge({ role: 'admin', must: ['role'] }), 'features-missing/must')
  t.equal(judge({ note: 'x'.repeat(9000) }), 'too-large/jws')
})
