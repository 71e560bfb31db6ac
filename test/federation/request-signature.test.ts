import { createPrivateKey, sign } from 'node:crypto'
import { readdirSync } from 'node:fs'
import t from 'tap'
import type { NodeId } from '#schema/ids.ts'
import { keyFromBytes, verifyBytes } from '#federation/keys.ts'
import {
  contentDigest,
  matchesDigest,
  readSignature,
  signatureBase,
  signRequest,
  verifySignature,
  type Method,
  type RequestToSign,
  type Verifier,
} from '#federation/request-signature.ts'
import { readTarget } from '#federation/target.ts'
import { acme, globex, keyPair, nowSeconds, readVectors, take, verdict } from './fixtures.ts'

const { key, signer } = keyPair(1)
const authority = 'hub.acme.example' as NodeId
const target = take(readTarget('/v1/spaces/s_x/submit'))
const body = Buffer.from('{"events":[]}')
const common = { ...target, authority, origin: globex, destination: acme, nonce: 'A'.repeat(22), nowSeconds }
const post: RequestToSign = { ...common, method: 'POST', body }
const get: RequestToSign = { ...common, method: 'GET' }
const verifier: Verifier = { authority, destination: acme, nowSeconds, key }

type Headers = [name: string, value: string][]
const headersOf = (request: RequestToSign): Headers => Object.entries(signRequest(request, signer))

/** The verdict of both stages over headers that may have been tampered with. */
function judge(
  headers: Headers,
  change: { method?: Method; verifier?: Partial<Verifier>; target?: string } = {},
): string {
  const read = readSignature(
    headers.flat(),
    change.method ?? 'POST',
    change.target ? take(readTarget(change.target)) : target,
  )
  return verdict(read.ok ? verifySignature(read.value, { ...verifier, ...change.verifier }) : read)
}

const replaced = (headers: Headers, name: string, change: (value: string) => string): Headers =>
  headers.map(([each, value]) => [each, each === name ? change(value) : value])

t.test('[S1-S9] what we sign is read and verifies, with and without a body', async (t) => {
  t.equal(judge(headersOf(post)), 'accepted')
  t.equal(judge(headersOf(get), { method: 'GET' }), 'accepted')
  t.equal(
    judge(headersOf({ ...get, query: '?after=7' }), {
      method: 'GET',
      target: '/v1/spaces/s_x/submit?after=7',
    }),
    'accepted',
  )
  t.equal(judge(headersOf({ ...post, method: 'PUT' }), { method: 'PUT' }), 'accepted')
  t.same(
    signRequest(post, signer)['signature-input'],
    `parley=("@method" "@authority" "@path" "@query" "parley-origin" "parley-destination" "content-type" "content-digest");created=${nowSeconds};expires=${nowSeconds + 60};nonce="AAAAAAAAAAAAAAAAAAAAAA";keyid="${key.kid}";tag="parley-1"`,
  )
  t.throws(() => signRequest({ ...post, method: 'GET' }, signer))
})

t.test(
  '[S8] a signature covers method, authority, path, query, origin, destination, type and digest',
  async (t) => {
    const headers = headersOf(post)
    t.equal(judge(headers, { method: 'PUT' }), 'signature-invalid')
    t.equal(judge(headers, { target: '/v1/spaces/s_y/submit' }), 'signature-invalid')
    t.equal(judge(headers, { target: '/v1/spaces/s_x/submit?a=1' }), 'signature-invalid')
    t.equal(judge(headers, { verifier: { authority: 'other.example' as NodeId } }), 'signature-invalid')
    t.equal(judge(replaced(headers, 'parley-origin', () => 'initech.example')), 'signature-invalid')
    t.equal(
      judge(replaced(headers, 'content-digest', () => contentDigest(Buffer.from('x')))),
      'signature-invalid',
    )
    t.equal(judge(headers, { verifier: { key: keyPair(2).key } }), 'key-unknown')
    t.equal(judge(headers, { verifier: { key: { ...keyPair(2).key, kid: key.kid } } }), 'signature-invalid')
  },
)

t.test('[S5] a request for another node is refused, also when its header is rewritten', async (t) => {
  t.equal(judge(headersOf({ ...post, destination: globex })), 'wrong-destination')
  t.equal(
    judge(replaced(headersOf({ ...post, destination: globex }), 'parley-destination', () => acme)),
    'signature-invalid',
  )
})

t.test(
  'REQ-02 [S1] the vector of RFC 9421 B.2.6 verifies with the generic code, and any flipped byte fails',
  async (t) => {
    type Vector = {
      key: { kty: string; crv: string; d: string; x: string }
      components: [string, string][]
      params: string
      signature: string
    }
    const vector = readVectors('rfc9421/b-2-6.json') as Vector
    const base = Buffer.from(signatureBase(vector.components, vector.params))
    const signature = Buffer.from(vector.signature, 'base64')
    const rfcKey = take(keyFromBytes(Buffer.from(vector.key.x, 'base64url')))
    t.ok(verifyBytes(rfcKey, base, signature))
    t.same(sign(null, base, createPrivateKey({ key: vector.key, format: 'jwk' })), signature)
    const flips = (bytes: Buffer, verify: (changed: Buffer) => boolean) =>
      [...bytes.keys()].filter((at) => {
        const changed = Buffer.from(bytes)
        changed[at]! ^= 1
        return verify(changed)
      })
    t.same(
      flips(base, (changed) => verifyBytes(rfcKey, changed, signature)),
      [],
    )
    t.same(
      flips(signature, (changed) => verifyBytes(rfcKey, base, changed)),
      [],
    )

    // The closed profile has no place for it.
    const names = vector.components.map(([name]) => `"${name}"`).join(' ')
    const headers: Headers = [
      ['Signature-Input', `sig-b26=(${names})${vector.params}`],
      ['Signature', `sig-b26=:${vector.signature}:`],
      ['Content-Type', 'application/parley+json'],
      ['Content-Digest', contentDigest(body)],
    ]
    t.equal(judge(headers), 'signature-profile/signature-input')
  },
)

t.test('REQ-04 [S1] any other list of components, parameter, label or form is refused', async (t) => {
  const headers = headersOf(post)
  const changes: [string, (input: string) => string][] = [
    ['reordered', (input) => input.replace('"@method" "@authority"', '"@authority" "@method"')],
    ['shortened', (input) => input.replace(' "content-digest"', '')],
    ['without query', (input) => input.replace(' "@query"', '')],
    ['an extra component', (input) => input.replace('"content-digest"', '"content-digest" "date"')],
    ['a component twice', (input) => input.replace('"@path"', '"@path" "@path"')],
    [';sf', (input) => input.replace('"content-digest"', '"content-digest";sf')],
    [';req', (input) => input.replace('"@method"', '"@method";req')],
    [';bs', (input) => input.replace('"parley-origin"', '"parley-origin";bs')],
    ['two spaces', (input) => input.replace('" "', '"  "')],
    ['alg', (input) => `${input};alg="ed25519"`],
    ['another tag', (input) => input.replace('parley-1', 'parley-2')],
    ['no tag', (input) => input.replace(/;tag=.*/, '')],
    ['no nonce', (input) => input.replace(/;nonce="[^"]*"/, '')],
    ['an empty nonce', (input) => input.replace(/;nonce="[^"]*"/, ';nonce=""')],
    ['a nonce with spare bits', (input) => input.replace('AAAA"', 'AAAB"')],
    ['a short keyid', (input) => input.replace(key.kid, key.kid.slice(1))],
    ['no expires', (input) => input.replace(/;expires=\d+/, '')],
    ['created as text', (input) => input.replace(/created=(\d+)/, 'created="$1"')],
    ['created with a leading zero', (input) => input.replace('created=', 'created=0')],
    ['negative created', (input) => input.replace('created=', 'created=-')],
    ['decimal created', (input) => input.replace(/created=(\d+)/, 'created=$1.0')],
    ['parameters reordered', (input) => input.replace(/(;created=\d+)(;expires=\d+)/, '$2$1')],
    ['another label', (input) => input.replace('parley=', 'sig1=')],
    ['two labels', (input) => `${input}, sig1=("@method");created=1`],
    ['a space in front', (input) => ` ${input}`],
    ['the list for GET', () => signRequest(get, signer)['signature-input']!],
    ['empty', () => ''],
  ]
  for (const [name, change] of changes) {
    t.equal(judge(replaced(headers, 'signature-input', change)), 'signature-profile/signature-input', name)
  }
  const values: [string, (value: string) => string][] = [
    ['another label', (value) => value.replace('parley=', 'sig1=')],
    ['two labels', (value) => `${value}, sig1=:AA==:`],
    ['without colons', (value) => value.replaceAll(':', '')],
    ['base64url', (value) => value.replace(/[A-Z]/, '_')],
    ['short', (value) => value.replace(/:..../, ':')],
    ['spare bits', (value) => value.replace(/.==:$/, 'B==:')],
    ['without padding', (value) => value.replace('==', '')],
    ['parameters', (value) => `${value};a=1`],
  ]
  for (const [name, change] of values) {
    t.equal(judge(replaced(headers, 'signature', change)), 'signature-profile/signature', name)
  }
  t.equal(verdict(readSignature(headers.flat(), 'DELETE', target)), 'signature-profile/method')
})

t.test('[S1] a request without a signature is told so; half of one is none', async (t) => {
  const headers = headersOf(post)
  const without = (...names: string[]) => headers.filter(([name]) => !names.includes(name))
  t.equal(judge(without('signature', 'signature-input')), 'signature-missing')
  t.equal(judge(without('signature')), 'signature-profile/half')
  t.equal(judge(without('signature-input')), 'signature-profile/half')
  t.equal(judge(without('parley-origin')), 'bad-header/parley-origin')
  t.equal(judge(without('parley-destination')), 'bad-header/parley-destination')
  t.equal(judge(replaced(headers, 'parley-origin', () => 'Globex.example')), 'bad-header/parley-origin')
})

t.test(
  'REQ-07 [S3] a covered or framing header that stands twice is refused, whatever its case',
  async (t) => {
    const headers: Headers = [...headersOf(post), ['host', 'acme.example'], ['content-length', '13']]
    t.equal(judge(headers), 'accepted')
    const names = [
      'Signature',
      'Signature-Input',
      'Content-Digest',
      'Content-Type',
      'Host',
      'Parley-Origin',
      'Parley-Destination',
      'Content-Length',
    ]
    for (const name of names) {
      const copy = headers.find(([each]) => each === name.toLowerCase())!
      t.equal(judge([...headers, [name, copy[1]]]), `bad-header/${name.toLowerCase()}-twice`, name)
    }
    t.equal(judge([...headers, ['Transfer-Encoding', 'chunked']]), 'bad-header/two-lengths')
    t.equal(
      judge([...headers, ['accept', '*/*'], ['Accept', 'x']]),
      'accepted',
      'others are nobody’s business',
    )
  },
)

t.test('REQ-10 [S10] the content type is one exact text, and nothing is encoded', async (t) => {
  const types = [
    'application/json',
    'application/parley+json; charset=utf-16',
    'application/parley+json;charset=utf-8',
    'application/parley+json\t',
    'application/parley+json x',
    'application/parley+json, text/html',
    'Application/Parley+JSON',
    '',
  ]
  for (const type of types) {
    t.equal(
      judge(replaced(headersOf(post), 'content-type', () => type)),
      'encoding-not-allowed/content-type',
      type,
    )
  }
  t.equal(judge([...headersOf(post), ['Content-Encoding', 'gzip']]), 'encoding-not-allowed/content-encoding')
  t.equal(
    judge([...headersOf(post), ['Content-Encoding', 'identity']]),
    'encoding-not-allowed/content-encoding',
  )
})

t.test('REQ-11 [S7] GET has no body, POST has a digest', async (t) => {
  const headers = headersOf(get)
  t.equal(judge([...headers, ['content-length', '0']], { method: 'GET' }), 'accepted')
  const bodies: Headers = [
    ['content-length', '2'],
    ['transfer-encoding', 'chunked'],
    ['content-type', 'text/plain'],
    ['content-digest', contentDigest(body)],
  ]
  for (const extra of bodies)
    t.equal(judge([...headers, extra], { method: 'GET' }), 'bad-header/body', extra[0])
  t.equal(judge(headersOf(post).filter(([name]) => name !== 'content-digest')), 'bad-header/content-digest')
  for (const digest of [
    'sha-512=:AA==:',
    'sha-256=AA',
    `${contentDigest(body)}, sha-512=:AA==:`,
    'sha-256=:AAAA:',
  ]) {
    t.equal(
      judge(replaced(headersOf(post), 'content-digest', () => digest)),
      'bad-header/content-digest',
      digest,
    )
  }
})

t.test('REQ-03 [S9] a body changed by one byte does not match', async (t) => {
  const read = take(readSignature(headersOf(post).flat(), 'POST', target))
  t.equal(verdict(matchesDigest(read, body)), 'accepted')
  t.equal(verdict(matchesDigest(read, Buffer.from('{"events":[1]}'))), 'digest-mismatch')
  t.equal(verdict(matchesDigest(read, Buffer.alloc(0))), 'digest-mismatch')
})

t.test(
  'REQ-13 [S6] a signature counts from 30 s before to 90 s after it was made, and for 60 s at most',
  async (t) => {
    const at = (created: number) => judge(headersOf({ ...post, nowSeconds: created }))
    t.equal(at(nowSeconds - 90), 'accepted')
    t.equal(at(nowSeconds - 91), 'clock-skew/created-past')
    t.equal(at(nowSeconds + 30), 'accepted')
    t.equal(at(nowSeconds + 31), 'clock-skew/created-future')
    const expires = (seconds: number) =>
      judge(
        replaced(headersOf(post), 'signature-input', (input) =>
          input.replace(/expires=\d+/, `expires=${seconds}`),
        ),
      )
    t.equal(expires(nowSeconds + 61), 'clock-skew/life')
    t.equal(expires(nowSeconds), 'clock-skew/life')
    t.equal(expires(nowSeconds + 59), 'signature-invalid', 'within bounds, but not what was signed')
    const shortLived = (created: number) =>
      judge(
        replaced(headersOf({ ...post, nowSeconds: created }), 'signature-input', (input) =>
          input.replace(/expires=\d+/, `expires=${created + 10}`),
        ),
      )
    t.equal(shortLived(nowSeconds - 40), 'signature-invalid', 'over for 30 s')
    t.equal(shortLived(nowSeconds - 41), 'clock-skew/expired')
  },
)

t.test('REQ-14 [S8] the key id is read before anything is believed', async (t) => {
  const read = take(readSignature(headersOf(post).flat(), 'POST', target))
  t.equal(read.keyid, key.kid)
  t.equal(read.origin, globex)
})

t.test(
  'REQ-17 [S1] nothing of the structured-field suites is accepted as a signature, nor does it crash',
  async (t) => {
    type Case = { name: string; raw: string[]; header_type: string; must_fail?: boolean }
    const folder = 'structured-fields'
    const files = readdirSync(new URL(`../vectors/${folder}/`, import.meta.url)).filter((name) =>
      name.endsWith('.json'),
    )
    const good = headersOf(post)
    let count = 0
    for (const file of files) {
      for (const { name, raw } of readVectors(`${folder}/${file}`) as Case[]) {
        const text = raw.join(', ')
        for (const field of [
          'signature',
          'signature-input',
          'content-digest',
          'content-type',
          'parley-origin',
        ]) {
          count++
          const verdicts = [judge(replaced(good, field, () => text)), judge([...good, [field, text]])]
          if (verdicts.includes('accepted')) t.fail(`${file}: ${name} accepted as ${field}`)
        }
      }
    }
    t.ok(count > 5000, `${count} texts refused`)
  },
)
