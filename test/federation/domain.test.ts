import t from 'tap'
import { normaliseTypedDomain, readBaseUrl, readDomain } from '#federation/domain.ts'
import { take, verdict } from './fixtures.ts'

const label63 = 'a'.repeat(63)

t.test('UNI-01 [N1] a domain is lower-case A-labels, or it is refused', async (t) => {
  const longest = `${label63}.${label63}.${label63}.${'a'.repeat(61)}`
  t.equal(longest.length, 253)
  for (const good of [
    'acme.example',
    'a.bc',
    'acme.localhost',
    '1.example',
    'a-b.c-d.example',
    `${label63}.example`,
    longest,
  ]) {
    t.equal(verdict(readDomain(good)), 'accepted', good)
  }
  const bad = [
    'Acme.example',
    'acme.exampLe',
    'acme.example.',
    '.acme.example',
    'acme..example',
    'acme.example:443',
    'acme',
    'ac_me.example',
    `${label63}a.example`,
    `${longest}a`,
    '-acme.example',
    'acme-.example',
    'acme.-example',
    '',
    'acme.example\n',
    ' acme.example',
    'acme.example/',
    'acme.example#',
    'u@acme.example',
    'acme.example\t',
    '*.example',
    'ｅxample.com',
    'exa\u00admple.com',
    'example。com',
    'exam%70le.com',
    'bücher.example',
    'example.com/..',
    'ex\u200dample.com',
  ]
  for (const text of bad) t.equal(verdict(readDomain(text)), 'schema/domain', JSON.stringify(text))
})

t.test('UNI-03 [N1] a last label that could be part of an IP address is refused', async (t) => {
  const bad = [
    'foo.0x1',
    '1.2.3',
    '127.0.0.1',
    '0x7f.1',
    '2130706433',
    '0x7f000001',
    '017700000001',
    '[::1]',
    '::1',
    'foo.1',
    'foo.1a',
  ]
  for (const text of bad) t.equal(verdict(readDomain(text)), 'schema/domain', text)
})

t.test('UNI-01 [N2] an A-label has to be a real one', async (t) => {
  for (const good of ['xn--bcher-kva.example', 'xn--fiqs8s.xn--fiqs8s', 'xn--mgbh0fb.example']) {
    t.equal(verdict(readDomain(good)), 'accepted', good)
  }
  // Plain ASCII behind xn--, nothing behind it, no such code, not in NFC, not lower-case, hyphens without meaning.
  for (const bad of [
    'xn--example-.com',
    'xn--a.com',
    'xn--.com',
    'xn--99999999.com',
    'xn--u-ccb.com',
    'xn--bung-fna.example',
    'ab--c.example',
  ]) {
    t.match(verdict(readDomain(bad)), /^schema\//, bad)
  }
})

t.test('DIS-09 [N3] base_url is https on the default port with a plain path, or it is refused', async (t) => {
  for (const good of [
    'https://acme.example',
    'https://hub.acme.example/parley',
    'https://acme.example/a/b-c/d_e.f~g',
    'https://acme.localhost',
  ]) {
    t.equal(verdict(readBaseUrl(good)), 'accepted', good)
  }
  const read = take(readBaseUrl('https://hub.acme.example/a/b'))
  t.same(read, { text: 'https://hub.acme.example/a/b', authority: 'hub.acme.example', path: '/a/b' })
  const bad = [
    'http://acme.example',
    'ftp://acme.example',
    'HTTPS://acme.example',
    '//acme.example',
    'acme.example',
    '',
    'https://user@acme.example',
    'https://user:word@acme.example',
    'https://acme.example:8443',
    'https://acme.example:443',
    'https://acme.example?a=1',
    'https://acme.example/a?b',
    'https://acme.example#a',
    'https://acme.example/a#',
    'https://acme.example./',
    'https://acme.example.',
    'https://acme.example/',
    'https://acme.example/a/',
    'https://acme.example//a',
    'https://acme.example/../a',
    'https://acme.example/.',
    'https://acme.example/.a',
    'https://acme.example/%2e',
    'https://acme.example/a;b',
    'https://acme.example/a\\b',
    'https://acme.example/a b',
    'https://127.0.0.1',
    'https://[::1]',
    'https://localhost',
    'https://2130706433',
    'https://acme.example\n',
    'https:///a',
    'https://Acme.example',
    'https://bücher.example',
    `https://acme.example/${'a'.repeat(600)}`,
  ]
  t.equal(verdict(readBaseUrl(`https://acme.example/${'a'.repeat(491)}`)), 'accepted', '512 characters')
  t.match(verdict(readBaseUrl(`https://acme.example/${'a'.repeat(492)}`)), 'schema/base-url-length')
  for (const text of bad) t.match(verdict(readBaseUrl(text)), /^schema\/base-url/, text.slice(0, 60))
})

t.test('[N4] what people type is folded once, and what results is a domain', async (t) => {
  const typed: [string, string][] = [
    [' Acme.Example ', 'acme.example'],
    ['acme.example.', 'acme.example'],
    ['Bücher.example', 'xn--bcher-kva.example'],
    ['例え.テスト', 'xn--r8jz45g.xn--zckzah'],
    ['ｅxample。com', 'example.com'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ]
  for (const [input, domain] of typed) t.equal(take(normaliseTypedDomain(input)), domain, input)
  const bad = [
    'https://acme.example',
    'acme.example:8443',
    'bob@acme.example',
    'acme.example/x',
    '127.0.0.1',
    'acme',
    '',
    'a b.example',
    '..',
    'xn--a.com',
    'exam%70le.com',
    'a'.repeat(300),
  ]
  for (const input of bad)
    t.equal(verdict(normaliseTypedDomain(input)), 'invalid-address/domain', input.slice(0, 30))
})
