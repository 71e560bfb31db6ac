import { hash as digestOf } from 'node:crypto'
import t from 'tap'
import type { UserId } from '#schema/ids.ts'
import type { Header, WireEvent } from '#schema/wire/event.ts'
import {
  digestContent,
  hashHeader,
  isExpired,
  readContent,
  readEvent,
  readHeader,
  readHeaderForm,
} from '#federation/event.ts'
import { acme, bob, globex, kidOf, take, verdict } from './fixtures.ts'
import { alice, begin, eventId, eventOf, nowMs, says } from './log-fixtures.ts'

const { space } = begin()
const message = eventOf(space, 2, says('Hello'))
const { header, wire } = message
const hour = 60 * 60 * 1000

/** The verdict on the header with these members changed, and without those set to undefined. */
const judgeHeader = (changes: Record<string, unknown>): string =>
  verdict(readHeader(JSON.stringify({ ...header, ...changes })))

/** An event whose header promises exactly this content. */
function promising(content: string, changes: Partial<Header> = {}): { header: Header; wire: WireEvent } {
  const salt = wire.salt!
  const digest = digestContent(salt, content)
  const promised: Header = { ...header, digest, size: Buffer.byteLength(content), ...changes }
  return { header: promised, wire: { header: JSON.stringify(promised), salt, content } }
}

const judgeContent = (content: string, changes: Partial<Header> = {}): string => {
  const event = promising(content, changes)
  return verdict(readContent(event.header, event.wire))
}

t.test('[E1] an event is named by a tagged hash of the text of its header', async (t) => {
  t.equal(hashHeader(wire.header), digestOf('sha256', `parley-event/1\n${wire.header}`, 'base64url'))
  t.equal(message.hash, hashHeader(wire.header))
  t.not(hashHeader(`${wire.header} `), message.hash, 'the same JSON in another text is another event')
})

t.test('[E2] the digest of a content covers its salt', async (t) => {
  const text = 'Zoë: 🙂'
  const salt = Buffer.alloc(16, 9)
  const bytes = Buffer.concat([Buffer.from('parley-content/1\n'), salt, Buffer.from(text)])
  t.equal(digestContent(salt.toString('base64url'), text), digestOf('sha256', bytes, 'base64url'))
  t.not(digestContent(wire.salt!, text), digestContent(salt.toString('base64url'), text))
})

t.test('[E3] a header has the members of its table in their exact forms', async (t) => {
  t.equal(judgeHeader({}), 'accepted')
  t.equal(judgeHeader({ after: 0, refs: { target: eventId(1) } }), 'accepted')
  t.equal(judgeHeader({ later: ['what', 'ever'] }), 'accepted', 'unknown members mean nothing')
  const bad: Record<string, unknown[]> = {
    v: [2, '1', undefined],
    id: ['', eventId(1).toUpperCase(), '0193a000-0000-4000-8000-000000000001', undefined],
    space: ['s_', kidOf(1), undefined],
    host: ['Acme.example', 'acme', '127.0.0.1', undefined],
    origin: ['acme.example.', undefined],
    sender: ['alice', `u_a@${acme}`, `node2@${acme}`, undefined],
    type: ['', 'M', '9lives', 'msg post', 'm'.repeat(65), undefined],
    ts: [nowMs / 1000, nowMs + 0.5, '0', undefined],
    exp: [0, undefined],
    after: [-1, 1.5, null],
    refs: [{ target: 'x' }, []],
    digest: ['', 'A'.repeat(42), undefined],
    size: [-1, 65_537, undefined],
    idv: [-1, undefined],
  }
  for (const [member, values] of Object.entries(bad)) {
    for (const value of values) {
      const said = judgeHeader({ [member]: value })
      t.match(said, /^(?:schema|json-strict)\/?/, `${member}: ${JSON.stringify(value)}`)
    }
  }
  t.equal(verdict(readHeader('{"v":1,"v":1}')), 'json-strict/name-twice')
  t.equal(
    verdict(readHeader(wire.header.replace('"v":1', '"v":1,"pad":"' + 'x'.repeat(4096) + '"'))),
    'too-large/header',
  )
})

t.test('SUB-03 [E4] a node speaks for its own users only', async (t) => {
  t.equal(judgeHeader({ origin: globex }), 'no-right/sender')
  t.equal(judgeHeader({ sender: bob }), 'no-right/sender')
  t.equal(judgeHeader({ sender: `node@${globex}` }), 'no-right/sender')
  t.equal(judgeHeader({ sender: alice.replace('acme', 'sub.acme') }), 'no-right/sender')
  t.equal(judgeHeader({ sender: bob, origin: globex }), 'accepted')
})

t.test('[E5] only a genesis has no space', async (t) => {
  t.equal(judgeHeader({ space: null }), 'schema/space')
  t.equal(judgeHeader({ type: 'space.create' }), 'schema/space')
  t.equal(judgeHeader({ space: null, type: 'space.create' }), 'accepted')
})

t.test('SUB-09 [E6] an event lives for 72 hours at the most, and not a millisecond longer', async (t) => {
  const { ts } = header
  t.equal(judgeHeader({ exp: ts + 72 * hour }), 'accepted')
  t.equal(judgeHeader({ exp: ts + 72 * hour + 1 }), 'schema/exp')
  t.equal(judgeHeader({ exp: ts }), 'accepted')
  t.equal(judgeHeader({ exp: ts - 1 }), 'schema/exp')
  t.equal(isExpired(header, header.exp), false)
  t.equal(isExpired(header, header.exp + 1), true)
})

t.test('SUB-10 [E7] a content is the one that was promised', async (t) => {
  const judge = (changes: Partial<WireEvent>): string => verdict(readContent(header, { ...wire, ...changes }))
  t.equal(judge({}), 'accepted')
  t.equal(judge({ content: wire.content!.replace('Hello', 'Hellp') }), 'content-mismatch/digest')
  t.equal(judge({ content: `${wire.content} ` }), 'content-mismatch/size')
  t.equal(judge({ salt: Buffer.alloc(16, 1).toString('base64url') }), 'content-mismatch/digest')
  t.equal(judge({ content: null, salt: null }), 'content-mismatch/missing')
  t.equal(judge({ content: null }), 'content-mismatch/salt')
  t.equal(judge({ salt: null }), 'content-mismatch/salt')
  t.equal(verdict(readContent({ ...header, size: header.size - 1 }, wire)), 'content-mismatch/size')
})

t.test('[E7] an event without content promises none', async (t) => {
  const vendor = { ...header, type: 'x.acme.example.ping', digest: null, size: 0 }
  const none = { header: '', salt: null, content: null }
  t.equal(verdict(readContent(vendor, none)), 'accepted')
  t.equal(verdict(readContent({ ...vendor, size: 1 }, none)), 'content-mismatch/digest')
  t.equal(verdict(readContent(vendor, wire)), 'content-mismatch/digest')
  t.equal(
    verdict(readContent({ ...header, digest: null, size: 0 }, none)),
    'schema/content',
    'a type with a shape',
  )
})

t.test('SUB-11 [E7, J7] a content of 65 KiB or 17 levels is refused', async (t) => {
  const type = 'x.acme.example.note'
  const filled = (bytes: number): string => JSON.stringify('x'.repeat(bytes - 2))
  t.equal(judgeContent(filled(65_536), { type }), 'accepted')
  const tooLong = promising(filled(65_537), { type })
  t.equal(verdict(readContent(tooLong.header, tooLong.wire)), 'too-large/content')
  t.equal(verdict(readHeader(tooLong.wire.header)), 'schema/size', 'its header says so already')
  t.equal(judgeContent('['.repeat(16) + ']'.repeat(16), { type }), 'accepted')
  t.equal(judgeContent('['.repeat(17) + ']'.repeat(17), { type }), 'json-strict/depth')
})

t.test(
  '[E8] a content of a known type has its shape, and one of another type is any strict JSON',
  async (t) => {
    t.equal(judgeContent('{"text":"Hello","fmt":"plain","mentions":[]}'), 'accepted')
    t.equal(judgeContent('{"text":"","fmt":"plain","mentions":[]}'), 'schema/text')
    t.equal(judgeContent('{"text":"Hello","fmt":"html","mentions":[]}'), 'schema/fmt')
    t.equal(
      judgeContent('{"text":"Hello","text":"Bye","fmt":"plain","mentions":[]}'),
      'json-strict/name-twice',
    )
    t.equal(judgeContent('[1]', { type: 'msg.later' }), 'accepted')
    t.equal(judgeContent('1.5', { type: 'msg.later' }), 'json-strict/not-an-integer')
  },
)

t.test('[E1-E8] what we build, we can read, and it says what we meant', async (t) => {
  for (let n = 1; n <= 50; n++) {
    const text = String.fromCodePoint(0x21 + n, 0x1f600 + n, 0x5d0 + n)
    const event = eventOf(space, n, says(text, n % 2 === 0 ? alice : bob))
    const read = take(readEvent(event.wire))
    t.same(read, event)
  }
})

t.test('[E1, E7] any byte changed in header, salt or content is seen', async (t) => {
  const parts: (keyof WireEvent)[] = ['header', 'salt', 'content']
  for (const part of parts) {
    const text = wire[part]!
    for (let at = 0; at < text.length; at++) {
      const changed = { ...wire, [part]: flip(text, at) }
      const read = readEvent(changed)
      const same = read.ok && read.value.hash === message.hash && changed.header === wire.header
      // The last character of a salt carries four bits that decode to nothing: its form refuses another one.
      if (part === 'salt' && at === text.length - 1) continue
      if (same) t.fail(`${part} at ${at}`)
    }
  }
  t.pass()
})

function flip(text: string, at: number): string {
  const other = text[at] === 'x' ? 'y' : 'x'
  return text.slice(0, at) + other + text.slice(at + 1)
}

t.test('[E3] the form of a header does not depend on whether it agrees with itself', async (t) => {
  const strange = JSON.stringify({ ...header, sender: bob satisfies UserId })
  t.equal(verdict(readHeaderForm(strange)), 'accepted')
  t.equal(verdict(readHeader(strange)), 'no-right/sender')
})
