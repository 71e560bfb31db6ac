import t from 'tap'
import { calculateJwkThumbprint } from 'jose'
import { importKey, jwkOf, keyFromBytes, keyPairFromSeed, thumbprint, verifyBytes } from '#federation/keys.ts'
import { keyPair, readVectors, take, verdict } from './fixtures.ts'

type AcceptSets = {
  cctv: { numbers: number[]; reason: string }[]
  speccheck: { cases: number[]; reason: string }[]
}

const hex = (text: string) => Buffer.from(text, 'hex')

/** Whether a signature counts, given the raw bytes of everything. */
function accepts(publicKey: Buffer, message: Uint8Array, signature: Uint8Array): boolean {
  const key = keyFromBytes(publicKey)
  return key.ok && verifyBytes(key.value, message, signature)
}

t.test('KEY-12 [K3, K4] CCTV: the accept set is the frozen list of 43', async (t) => {
  const vectors = readVectors('cctv/ed25519vectors.json') as {
    number: number
    key: string
    sig: string
    msg: string
    flags: string[] | null
  }[]
  t.equal(vectors.length, 914)
  const accepted = vectors.filter(({ key, msg, sig }) => accepts(hex(key), Buffer.from(msg), hex(sig)))
  const frozen = (readVectors('accept-sets.json') as AcceptSets).cctv.flatMap(({ numbers }) => numbers)
  t.equal(frozen.length, 43)
  t.same(
    accepted.map(({ number }) => number),
    frozen.toSorted((a, b) => a - b),
  )
  const forbidden = new Set(['low_order_A', 'low_order_R', 'non_canonical_A', 'non_canonical_R'])
  t.notOk(accepted.some(({ flags }) => flags?.some((flag) => forbidden.has(flag))))
})

t.test('KEY-12 [K3, K4] speccheck: only case 3 is accepted', async (t) => {
  const cases = readVectors('speccheck/cases.json') as {
    message: string
    pub_key: string
    signature: string
  }[]
  t.equal(cases.length, 12)
  const accepted = cases.flatMap(({ message, pub_key: key, signature }, index) =>
    accepts(hex(key), hex(message), hex(signature)) ? [index] : [],
  )
  t.same(
    accepted,
    (readVectors('accept-sets.json') as AcceptSets).speccheck.flatMap(({ cases }) => cases),
  )
})

t.test('KEY-12 [K4] Wycheproof: all 151 cases agree', async (t) => {
  type Group = {
    publicKey: { pk: string }
    tests: { tcId: number; msg: string; sig: string; result: string; comment: string }[]
  }
  const { testGroups } = readVectors('wycheproof/ed25519_test.json') as { testGroups: Group[] }
  let count = 0
  for (const { publicKey, tests } of testGroups) {
    for (const { tcId, msg, sig, result, comment } of tests) {
      count++
      t.equal(accepts(hex(publicKey.pk), hex(msg), hex(sig)), result === 'valid', `${tcId} ${comment}`)
    }
  }
  t.equal(count, 151)
})

const lowOrder = [
  '00'.repeat(32),
  `${'00'.repeat(31)}80`,
  `01${'00'.repeat(31)}`,
  `01${'00'.repeat(30)}80`,
  `ec${'ff'.repeat(30)}7f`,
  'ff'.repeat(32).replace(/^ff/, 'ec'),
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  `ed${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(31)}`,
  `ee${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(31)}`,
]

t.test('KEY-11 [K3] the fourteen encodings of low order are no public keys', async (t) => {
  t.equal(new Set(lowOrder).size, 14)
  for (const point of lowOrder) {
    t.equal(verdict(keyFromBytes(hex(point))), 'schema/key-low-order', point)
    const x = hex(point).toString('base64url')
    t.equal(verdict(importKey({ x, kid: thumbprint(x) })), 'schema/key-low-order')
  }
})

t.test('KEY-11 [K3] the second spellings of a point are no public keys', async (t) => {
  for (let low = 0xef; low <= 0xff; low++) {
    for (const high of ['7f', 'ff']) {
      const point = hex(`${low.toString(16)}${'ff'.repeat(30)}${high}`)
      t.equal(verdict(keyFromBytes(point)), 'schema/key-not-canonical')
    }
  }
  t.equal(verdict(keyFromBytes(hex(`eb${'ff'.repeat(30)}7f`))), 'accepted', 'p - 2 is canonical')
  t.equal(verdict(keyFromBytes(Buffer.alloc(31))), 'schema/key-length')
})

t.test('KEY-11 [K4] a signature whose R is of low order or a second spelling never holds', async (t) => {
  const { key, signer } = keyPair(1)
  const message = Buffer.from('hello')
  const good = signer.sign(message)
  t.ok(verifyBytes(key, message, good))
  for (const r of [...lowOrder, `ef${'ff'.repeat(30)}7f`]) {
    t.notOk(verifyBytes(key, message, Buffer.concat([hex(r), good.subarray(32)])))
  }
  t.notOk(verifyBytes(key, message, good.subarray(0, 63)))
  t.notOk(verifyBytes(key, message, Buffer.concat([good, Buffer.alloc(1)])))
})

t.test('[K4] S and S + L are not both signatures', async (t) => {
  const { key, signer } = keyPair(1)
  const message = Buffer.from('hello')
  const good = signer.sign(message)
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const s = BigInt(`0x${Buffer.from(good.subarray(32).toReversed()).toString('hex')}`) + order
  const twin = Buffer.from(s.toString(16).padStart(64, '0'), 'hex').toReversed()
  t.notOk(verifyBytes(key, message, Buffer.concat([good.subarray(0, 32), twin])))
})

t.test('[K2] a key is named by its thumbprint, as RFC 8037 A.3 and jose compute it', async (t) => {
  const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'
  t.equal(thumbprint(x), 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
  const jwk = jwkOf(keyPair(7).key, 5)
  t.equal(jwk.kid, await calculateJwkThumbprint(jwk))
  t.equal(take(importKey(jwk)).kid, jwk.kid)
  t.equal(verdict(importKey({ ...jwk, kid: keyPair(8).key.kid })), 'schema/key-thumbprint')
  t.equal(verdict(importKey({ ...jwk, x: `${jwk.x.slice(0, -1)}B` })), 'schema/key-encoding')
})

t.test('[K1] a key pair comes from its seed alone (RFC 8032, test 1)', async (t) => {
  const pair = keyPairFromSeed(hex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'))
  t.equal(
    hex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a').toString('base64url'),
    pair.key.x,
  )
  const signature = Buffer.from(pair.signer.sign(new Uint8Array(0))).toString('hex')
  t.match(signature, /^e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155/)
  t.throws(() => keyPairFromSeed(Buffer.alloc(31)))
})
