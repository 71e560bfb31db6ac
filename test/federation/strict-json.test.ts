import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { readStrictJson } from '#federation/strict-json.ts'
import { readVectors } from './fixtures.ts'

type Frozen = { jsonTestSuite: { yRefused: Record<string, string>; i: Record<string, string> } }

const why = (input: Uint8Array | string): string => {
  const read = readStrictJson(input)
  return read.ok ? 'accepted' : read.detail
}

t.test('PAR-11 [J1-J7] JSONTestSuite: every verdict is frozen', async (t) => {
  const folder = new URL('../vectors/json-test-suite/test_parsing/', import.meta.url)
  const { yRefused, i } = (readVectors('accept-sets.json') as Frozen).jsonTestSuite
  const files = readdirSync(folder)
  t.equal(files.length, 318)
  for (const file of files) {
    const bytes = readFileSync(new URL(encodeURIComponent(file), folder))
    const verdict = why(bytes)
    if (file.startsWith('y_')) t.equal(verdict, yRefused[file] ?? 'accepted', file)
    if (file.startsWith('n_')) t.not(verdict, 'accepted', file)
    if (file.startsWith('i_')) t.equal(verdict, i[file], file)
    if (verdict !== 'accepted') continue
    const read = readStrictJson(bytes)
    t.same(read.ok && read.value, JSON.parse(bytes.toString()), `${file} means what JSON.parse says`)
  }
})

t.test('PAR-06 [J3] a name that stands twice in one object is refused, however it is written', async (t) => {
  t.equal(why('{"a":1,"a":1}'), 'name-twice')
  t.equal(why('{"a":1,"\\u0061":2}'), 'name-twice')
  t.equal(why('{"x":[{"b":{},"c":0,"b":{}}]}'), 'name-twice')
  t.equal(why('{"toString":1,"hasOwnProperty":2}'), 'accepted')
  t.equal(why('{"1":1,"01":2,"1":3}'), 'name-twice')
  t.equal(why('{"a":{"a":{"a":1}}}'), 'accepted')
})

t.test('PAR-07 [J4] names that reach a prototype are refused at any depth', async (t) => {
  for (const name of ['__proto__', 'constructor', 'prototype', '\\u005f_proto__', 'construc\\u0074or']) {
    t.equal(why(`{"${name}":1}`), 'name-reserved', name)
    t.equal(why(`[[{"a":{"${name}":{}}}]]`), 'name-reserved', name)
  }
  t.equal(why('{"a":"__proto__"}'), 'accepted')
})

t.test('PAR-09 [J1, J5] texts that are not Unicode, and NUL, are refused', async (t) => {
  const bytes = (hex: string) => Buffer.from(`22${hex}22`, 'hex')
  t.equal(why(bytes('eda080')), 'utf-8', 'a surrogate in UTF-8')
  t.equal(why(bytes('c0af')), 'utf-8', 'overlong')
  t.equal(why(bytes('f4908080')), 'utf-8', 'beyond U+10FFFF')
  t.equal(why('"\\ud800"'), 'lone-surrogate')
  t.equal(why('"\\udc00\\ud800"'), 'lone-surrogate')
  t.equal(why('{"\\ud800":1}'), 'lone-surrogate')
  t.equal(why('"\ud800"'), 'utf-8', 'a JavaScript string that is not well-formed')
  t.equal(why('"\\ud83d\\ude00"'), 'accepted')
  t.equal(why('"\\u0000"'), 'nul')
  t.equal(why(bytes('00')), 'control-character')
  t.equal(why(Buffer.from('efbbbf7b7d', 'hex')), 'byte-order-mark')
  t.equal(why(Buffer.from('fffe7b007d00', 'hex')), 'utf-8')
  t.equal(why(Buffer.from('feff007b007d', 'hex')), 'utf-8')
})

t.test('[J6] numbers are integers that every language holds exactly, in one spelling', async (t) => {
  for (const text of ['0', '-1', '9007199254740991', '-9007199254740991'])
    t.equal(why(text), 'accepted', text)
  for (const text of ['9007199254740992', '-9007199254740992', '9007199254740993', `1${'0'.repeat(400)}`]) {
    t.equal(why(text), 'integer-range', text.slice(0, 20))
  }
  for (const text of ['1.0', '1e2', '1E2', '0.5', '1e400']) t.equal(why(text), 'not-an-integer', text)
  for (const text of ['01', '-0', '-01', '00']) t.equal(why(text), 'integer-form', text)
  for (const text of ['+1', '-', '.5', 'NaN', 'Infinity', '0x10', '1_0']) t.not(why(text), 'accepted', text)
})

t.test('[J2] only one value, whole, with nothing around it but white space', async (t) => {
  t.equal(why(' \t\r\n{ "a" : [ 1 , true , null ] } \n'), 'accepted')
  for (const text of [
    '',
    ' ',
    '{} {}',
    '{}x',
    '[1,]',
    '[,1]',
    '{"a":1,}',
    '{"a"}',
    "{'a':1}",
    '{a:1}',
    '//a\n1',
    '"\\x"',
    '"a',
    '"a\\',
    '"\\"',
    '\u00a01',
    'tru',
  ]) {
    t.not(why(text), 'accepted', JSON.stringify(text))
  }
})

t.test('[J2] values are parted by one comma and nothing else', async (t) => {
  for (const text of ['{"a":1x"b":2}', '[1x2]', '[1 2]', '{"a"=1}', '{"a":1;"b":2}', '{"a":1""b":2}']) {
    t.equal(why(text), 'syntax', text)
  }
  for (const text of ['', '[1,', '{"a":', '"a', '"a\\"', '"\\']) t.equal(why(text), 'truncated', text)
  t.equal(why('"a\tb"'), 'control-character')
})

t.test(
  'PAR-10 [J7, J8] depth 17, 257 names and 1,001 elements end the reading where they are met',
  async (t) => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    t.equal(why(nested(16)), 'accepted')
    t.equal(why(nested(17)), 'depth')
    t.equal(why(`${'{"a":'.repeat(17)}1${'}'.repeat(17)}`), 'depth')
    const names = (count: number) => `{${Array.from({ length: count }, (_, n) => `"n${n}":1`).join()}}`
    t.equal(why(names(256)), 'accepted')
    t.equal(why(names(257)), 'names')
    const elements = (count: number) => `[${Array(count).fill(0).join()}]`
    t.equal(why(elements(1000)), 'accepted')
    t.equal(why(elements(1001)), 'elements')

    // Bounded steps: on two MiB of it, reading stops just behind the limit.
    const huge: [string, number][] = [
      ['['.repeat(2 << 20), 16],
      [names(190_000), 3000],
      [elements(1 << 20), 2001],
      [`{"a":${'[1,'.repeat(700_000)}`, 60],
    ]
    for (const [text, atMost] of huge) {
      const read = readStrictJson(Buffer.from(text))
      t.ok(!read.ok && read.at <= atMost, read.ok ? 'accepted' : `stopped at byte ${read.at}`)
    }
  },
)

t.test('[J8] a refusal names the byte that is at fault', async (t) => {
  t.match(readStrictJson('{"ä":1,"ä":2}'), { ok: false, code: 'json-strict', detail: 'name-twice', at: 8 })
  t.match(readStrictJson('[1.5]'), { detail: 'not-an-integer', at: 1 })
})

t.test('[J9] what it accepts means the same to JSON.parse, over many made-up texts', async (t) => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"a"',
    '"b"',
    '"\\n"',
    '"\\u00e9"',
    '"ä😀"',
    '0',
    '-12',
    '7.5',
    'true',
    'null',
    ' ',
    '"',
    '\\',
  ]
  let seed = 42
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff
    return (seed >> 8) % below
  }
  let accepted = 0
  let wrong = 0
  for (let round = 0; round < 200_000; round++) {
    const text = Array.from({ length: 1 + next(9) }, () => pieces[next(pieces.length)]).join('')
    const read = readStrictJson(text)
    if (!read.ok) continue
    accepted++
    if (JSON.stringify(read.value) !== JSON.stringify(JSON.parse(text))) wrong++
  }
  t.equal(wrong, 0)
  t.ok(accepted > 5000, `${accepted} of them are JSON`)
})
