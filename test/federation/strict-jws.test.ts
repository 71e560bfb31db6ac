import t from 'tap'
import { z } from 'zod'
import { decodeBase64url, encodeBase64url } from '#federation/base64url.ts'
import { readDocument } from '#federation/document.ts'
import type { Signer } from '#federation/keys.ts'
import { hashOfJws, jwsTypes, readJws, signJws, verifyJws } from '#federation/strict-jws.ts'
import { keyPair, take, verdict } from './fixtures.ts'

const typ = 'parley-proof+jws'
const { key, signer } = keyPair(1)
const text = signJws(typ, { v: 1, iss: 'globex.example' }, signer)
const [header, payload, signature] = text.split('.') as [string, string, string]

const encode = (json: string) => Buffer.from(json).toString('base64url')
const read = (input: string) => verdict(readJws(input, typ, 8192))
/** A JWS whose signature holds, over a header and a payload written by hand. */
const craft = (headerText: string, payloadText = '{"v":1}', by: Signer = signer) => {
  const input = `${encode(headerText)}.${encode(payloadText)}`
  return `${input}.${encodeBase64url(by.sign(Buffer.from(input)))}`
}
const headerWith = (rest: string, alg = '"Ed25519"') =>
  `{"alg":${alg},"kid":"${key.kid}","typ":"${typ}"${rest}}`

t.test('[W1-W8] what we sign is read and verifies, whatever its type', async (t) => {
  for (const type of jwsTypes) {
    const jws = take(readJws(signJws(type, { v: 1, n: [1, 'ä'] }, signer), type, 8192))
    t.same(jws.payload, { v: 1, n: [1, 'ä'] })
    t.equal(verdict(verifyJws(jws, key)), 'accepted', type)
    t.equal(verdict(verifyJws(jws, keyPair(2).key)), 'key-unknown')
    t.equal(verdict(verifyJws(jws, { ...keyPair(2).key, kid: key.kid })), 'signature-invalid')
  }
})

t.test('PAR-01 [W1, W2] one signature has one text: every other spelling is refused', async (t) => {
  t.equal(read(text), 'accepted')
  const last = 'AQgw'
  const neighbour = signature.slice(0, -1) + String.fromCharCode(signature.charCodeAt(85) + 1)
  t.ok(last.includes(signature.at(-1)!))
  const spellings: [string, string][] = [
    ['padding', `${text}==`],
    ['padding inside', `${header}=.${payload}.${signature}`],
    ['a space', `${header}.${payload}. ${signature}`],
    ['a line feed at the end', `${text}\n`],
    ['a line feed inside', `${header}.${payload}.${signature.slice(0, 40)}\n${signature.slice(40)}`],
    ['a last character with spare bits', `${header}.${payload}.${neighbour}`],
    ['four segments', `${text}.AAAA`],
    ['two segments', `${header}.${payload}`],
    ['an empty header', `.${payload}.${signature}`],
    ['an empty payload', `${header}..${signature}`],
    ['an empty signature', `${header}.${payload}.`],
    ['the alphabet of base64', `${header}.${payload}.${'+'.repeat(86)}`],
    ['a short signature', `${header}.${payload}.${signature.slice(0, 84)}`],
    ['JSON serialisation', JSON.stringify({ protected: header, payload, signature })],
    ['nothing', ''],
  ]
  for (const [name, spelling] of spellings) t.match(read(spelling), /^signature-profile/, name)
  // Payloads of every length, so that some of them have spare bits to set.
  for (const rest of ['', 'a', 'ab']) {
    const jws = craft(headerWith(''), JSON.stringify({ rest }))
    const [first, second, third] = jws.split('.') as [string, string, string]
    const bent = `${first}.${second.slice(0, -1)}${String.fromCharCode(second.charCodeAt(second.length - 1) + 1)}.${third}`
    if (second.length % 4 !== 0) t.equal(read(bent), 'signature-profile/jws-encoding', second)
    const longer = first + 'A'.repeat(5 - (first.length % 4))
    t.equal(
      read(`${longer}.${second}.${third}`),
      'signature-profile/jws-encoding',
      'no base64url has this length',
    )
  }
  t.equal(verdict(readJws(text, typ, text.length)), 'accepted')
  t.equal(verdict(readJws(text, typ, text.length - 1)), 'too-large/jws')
})

t.test('PAR-01 [W2] base64url is read in its canonical spelling only', async (t) => {
  for (let length = 0; length < 70; length++) {
    const bytes = Buffer.alloc(length, 0xa7)
    t.same(decodeBase64url(encodeBase64url(bytes)), bytes)
  }
  for (const bad of ['A', 'AB', 'AAB', 'AA=', 'AA==', 'A A', 'AA\n', 'AA+A', 'AAAAB', 'é']) {
    t.equal(decodeBase64url(bad), undefined, JSON.stringify(bad))
  }
})

t.test('KEY-01 [W3] any algorithm but Ed25519 is refused', async (t) => {
  for (const alg of ['none', 'HS256', 'EdDSA', 'ES256', 'ed25519', 'Ed25519 ', '']) {
    t.equal(read(craft(headerWith('', JSON.stringify(alg)))), 'signature-profile/jws-alg', alg)
  }
  for (const alg of ['null', '["Ed25519"]', '1'])
    t.match(read(craft(headerWith('', alg))), /^signature-profile/, alg)
})

t.test('PAR-02 [W3] crit, b64 and zip are refused', async (t) => {
  const rests = [
    '"crit":["x"],"x":1',
    '"crit":["b64"],"b64":false',
    '"b64":false',
    '"zip":"DEF"',
    '"crit":[]',
  ]
  for (const rest of rests)
    t.equal(read(craft(headerWith(`,${rest}`))), 'signature-profile/jws-header-members', rest)
})

t.test('PAR-03 [W3, W4] embedded keys, other types and extra members are refused', async (t) => {
  const rests = [
    '"jwk":{"kty":"OKP"}',
    '"jku":"https://mallory.example"',
    '"x5c":[]',
    '"x5u":""',
    '"cty":"json"',
    '"x":1',
  ]
  for (const rest of rests)
    t.equal(read(craft(headerWith(`,${rest}`))), 'signature-profile/jws-header-members', rest)
  t.equal(read(signJws('parley-id+jws', { v: 1 }, signer)), 'signature-profile/jws-typ')
  t.equal(
    read(craft(`{"alg":"Ed25519","kid":"${key.kid}"}`)),
    'signature-profile/jws-header-members',
    'no typ',
  )
  t.match(read(craft(`{"alg":"Ed25519","typ":"${typ}"}`)), /^signature-profile/, 'no kid')
  t.equal(read(craft(`{"alg":"Ed25519","kid":"${key.kid}","x":"${typ}"}`)), 'signature-profile/jws-typ')
  for (const kid of ['', 'short', `${key.kid}A`, '../../key', `${'A'.repeat(42)}B`]) {
    t.equal(read(craft(JSON.stringify({ alg: 'Ed25519', kid, typ }))), 'signature-profile/jws-kid', kid)
  }
})

t.test('PAR-04 [W3] a header member that stands twice is refused', async (t) => {
  const cases = [
    headerWith(',"alg":"Ed25519"'),
    headerWith(`,"kid":"${key.kid}"`),
    headerWith(`,"\\u0074yp":"${typ}"`),
  ]
  for (const text of cases) t.equal(read(craft(text)), 'signature-profile/jws-header-json', text)
})

t.test('PAR-06 [W5] a payload is one strict JSON object', async (t) => {
  const bad: [string, string][] = [
    ['{"v":1,"v":2}', 'name-twice'],
    ['{"__proto__":{}}', 'name-reserved'],
    ['{"n":1.5}', 'not-an-integer'],
    ['[1]', 'not-an-object'],
    ['"v"', 'not-an-object'],
    ['null', 'not-an-object'],
    ['{}{}', 'trailing'],
  ]
  for (const [payloadText, why] of bad)
    t.equal(read(craft(headerWith(''), payloadText)), `json-strict/${why}`)
})

t.test(
  'PAR-12 [W1-W8] the structural attacks of the JWS suites, adapted to Ed25519, are refused',
  async (t) => {
    const verify = (input: string) => {
      const jws = readJws(input, typ, 8192)
      return verdict(jws.ok ? verifyJws(jws.value, key) : jws)
    }
    const flipped = (segment: string, at: number) =>
      segment.slice(0, at) + (segment[at] === 'A' ? 'B' : 'A') + segment.slice(at + 1)
    t.equal(verify(text), 'accepted')
    t.not(verify(`${header}.${flipped(payload, 5)}.${signature}`), 'accepted', 'payload changed')
    t.not(verify(`${flipped(header, 5)}.${payload}.${signature}`), 'accepted', 'header changed')
    for (let at = 0; at < 85; at++) {
      if (verify(`${header}.${payload}.${flipped(signature, at)}`) === 'accepted')
        t.fail(`signature changed at ${at}`)
    }
    t.not(verify(`${header}.${payload}.${'A'.repeat(86)}`), 'accepted', 'signature of zeros')
    t.not(verify(`${payload}.${header}.${signature}`), 'accepted', 'segments swapped')
    t.not(verify(`${header}.${header}.${signature}`), 'accepted', 'header as payload')
    t.not(verify(`${encode('{"alg":"none"}')}.${payload}.`), 'accepted', 'none')
    t.not(verify(craft(headerWith(''), '{"v":1}', keyPair(2).signer)), 'accepted', 'signed by somebody else')
    t.not(verify(Buffer.from(text).toString('base64url')), 'accepted', 'encoded twice')
  },
)

t.test('PAR-13 [W6] bytes decide: other orders of members are other documents, equally valid', async (t) => {
  const other = craft(
    `{"typ":"${typ}","kid":"${key.kid}","alg":"Ed25519"}`,
    '{"iss":"globex.example", "v":1}',
  )
  const first = take(readJws(text, typ, 8192))
  const second = take(readJws(other, typ, 8192))
  t.equal(verdict(verifyJws(second, key)), 'accepted')
  t.same(first.payload, second.payload)
  t.not(hashOfJws(first), hashOfJws(second))
  t.equal(first.signingInput, `${header}.${payload}`)
})

t.test('PAR-13 [W7] unknown members stay and mean nothing, unless must names them', async (t) => {
  const kind = {
    typ,
    shape: z.looseObject({ v: z.literal(1), must: z.array(z.string()).optional() }),
    bytesMax: 8192,
  } as const
  const sign = (body: object) => readDocument(signJws(typ, body, signer), kind)
  t.same(take(sign({ v: 1, later: { a: 1 } })).payload, { v: 1, later: { a: 1 } })
  t.equal(verdict(sign({ v: 1, must: ['v'] })), 'accepted')
  t.equal(verdict(sign({ v: 1, later: 1, must: ['later'] })), 'features-missing/must')
  t.equal(verdict(sign({ v: 1, must: ['toString'] })), 'features-missing/must')
  t.equal(verdict(sign({ v: 1, must: [1] })), 'features-missing/must')
  t.equal(verdict(sign({ v: 1, must: 'v' })), 'schema/must')
  t.equal(verdict(sign({ v: 2 })), 'schema/v')
})
