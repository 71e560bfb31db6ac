import t from 'tap'
import { isPublicAddress } from '#federation/transport/address.ts'
import { openHttp } from '#federation/transport/undici.ts'

// IANA's special-purpose registries, and what has been used to get around lists of them.
const special = {
  'this network': ['0.0.0.0', '0.1.2.3', '::'],
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1'],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.255'],
  'link-local': ['169.254.169.254', 'fe80::1', 'febf::1', 'fe80::1%eth0'],
  'site-local': ['fec0::1'],
  'protocol assignments': ['192.0.0.1', '192.0.0.170', '2001:1::1', '2001:1ff::1'],
  documentation: ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1', '3fff:fff::1'],
  '6to4': ['192.88.99.1', '2002::1', '2002:7f00:1::1', '2002:808:808::1'],
  Teredo: ['2001::1', '2001:0:7f00:1::'],
  NAT64: ['64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::1'],
  benchmarks: ['198.18.0.1', '198.19.255.255', '2001:2::1'],
  AS112: ['192.31.196.1', '192.175.48.1', '2620:4f:8000::1', '2001:4:112::1'],
  AMT: ['192.52.193.1', '2001:3::1'],
  ORCHID: ['2001:10::1', '2001:20::1'],
  discard: ['100::1'],
  'segment routing': ['5f00::1'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1', 'ff0e::1'],
  reserved: ['240.0.0.1', '255.255.255.255', '4000::1', '8000::1', 'e000::1'],
  'IPv4 in IPv6': [
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:0.0.0.0',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '::8.8.8.8',
  ],
  'IPv4 translated': ['::ffff:0:127.0.0.1', '::ffff:0:8.8.8.8'],
}

t.test('[SSR-02] no special-purpose address is public', async (t) => {
  for (const [range, addresses] of Object.entries(special)) {
    for (const address of addresses) t.equal(isPublicAddress(address), false, `${range}: ${address}`)
  }
})

t.test('[SSR-01] other spellings of addresses are no addresses', async (t) => {
  const spellings = [
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '8.8.2056',
    '0x8.0x8.0x8.0x8',
    '08.8.8.8',
    '8.8.8.8.',
    '[2606:4700::1]',
    '',
    'localhost',
    '8.8.8.8\0',
    ' 8.8.8.8',
  ]
  for (const text of spellings) t.equal(isPublicAddress(text), false, text)
})

t.test('addresses of the internet are public', async (t) => {
  for (const address of [
    '8.8.8.8',
    '1.1.1.1',
    '100.63.255.255',
    '100.128.0.1',
    '172.32.0.1',
    '2606:4700:4700::1111',
    '2a01::1',
    '::ffff:8.8.8.8',
  ])
    t.equal(isPublicAddress(address), true, address)
})

const get = { method: 'GET', target: '/', headers: {}, answerBytesMax: 1_000 } as const
const never = new AbortController().signal

t.test('[SSR-01] hosts that are addresses end before DNS and before a socket', async (t) => {
  let asked = 0
  const http = openHttp({ lookup: async () => (asked++, ['127.0.0.1']) })
  t.teardown(async () => await http.close())
  for (const host of ['127.0.0.1', '[::1]', '2130706433', '0x7f.1', '10.0.0.1', '[::ffff:7f00:1]']) {
    t.match(await http.send({ ...get, origin: `https://${host}` }, never), {
      ok: false,
      fault: { reason: 'address-not-public', detail: 'not-a-domain' },
    })
  }
  t.match(await http.send({ ...get, origin: 'http://globex.test' }, never), { ok: false })
  t.equal(asked, 0)
})

t.test(
  '[SSR-02] a name with any other than public addresses is not connected to, not even to its public ones',
  async (t) => {
    const answers = [
      ...Object.values(special)
        .flat()
        .map((address) => [address]),
      ['8.8.8.8', '127.0.0.1'],
      ['10.0.0.1', '2606:4700::1'],
    ]
    for (const addresses of answers) {
      const http = openHttp({ lookup: async () => addresses })
      const sent = await http.send({ ...get, origin: 'https://globex.test' }, never)
      t.match(
        sent,
        { ok: false, fault: { reason: 'address-not-public', detail: 'resolved' } },
        addresses.join(),
      )
      await http.close()
    }
  },
)

t.test('names that cannot be resolved say so', async (t) => {
  const fail = (code: string) => async () => {
    throw Object.assign(new Error(code), { code })
  }
  for (const [code, detail] of [
    ['ENOTFOUND', 'not-found'],
    ['EAI_AGAIN', 'failed'],
  ] as const) {
    const http = openHttp({ lookup: fail(code) })
    const sent = await http.send({ ...get, origin: 'https://globex.test' }, never)
    t.match(sent, { ok: false, fault: { reason: 'dns', detail } })
    await http.close()
  }
})
