import t from 'tap'
import type { NodeId } from '#schema/ids.ts'
import type { Statement } from '#schema/wire/statement.ts'
import type { Signer } from '#federation/keys.ts'
import { readOperationLog } from '#federation/operation-log.ts'
import {
  readWellKnown,
  signStatement,
  statementKind,
  verifyStatement,
  type StatementCheck,
  type StatementDraft,
} from '#federation/statement.ts'
import { readDocument } from '#federation/document.ts'
import { hashOfJws, signJws } from '#federation/strict-jws.ts'
import {
  acme,
  genesis,
  globex,
  globexLog,
  jwk,
  keyPair,
  kidOf,
  nextOperation,
  nowSeconds,
  take,
  verdict,
} from './fixtures.ts'

const log = globexLog()
const { signer } = keyPair(1)
const baseUrl = 'https://hub.globex.example/parley'
const draft: StatementDraft = {
  ver: 5,
  iat: nowSeconds - 60,
  exp: nowSeconds + 86_400,
  base_url: baseUrl,
  versions: ['1.0'],
  features: ['files'],
  inbound: 'approval',
  contact: { admin: 'admin@globex.example' },
}

/** A statement that is right except for `changes`, signed all the same. */
function statement(changes: Record<string, unknown> = {}, by: Signer = signer): string {
  const payload = take(readDocument(signStatement(draft, log, signer), statementKind)).payload
  return signJws(statementKind.typ, { ...payload, ...changes }, by)
}

const wellKnown = (changes: object = {}): Buffer =>
  Buffer.from(JSON.stringify({ node: globex, base_url: baseUrl, statement: statement(), ...changes }))

const discover = (body: Buffer, requested: NodeId = globex) => verdict(readWellKnown(body, requested))

function judge(
  changes: Record<string, unknown>,
  check: Partial<StatementCheck> = {},
  by: Signer = signer,
): string {
  const read = readDocument(statement(changes, by), statementKind)
  return verdict(
    read.ok ? verifyStatement(read.value, { requested: globex, log, nowSeconds, ...check }) : read,
  )
}

t.test('DIS-01 [D1-D7] a well-known document and its statement are read and verify', async (t) => {
  const found = take(readWellKnown(wellKnown(), globex))
  t.match(found, {
    node: globex,
    baseUrl: { text: baseUrl, authority: 'hub.globex.example', path: '/parley' },
  })
  t.match(take(verifyStatement(found.statement, { requested: globex, log, nowSeconds })), {
    iss: globex,
    op_seq: 1,
  })
})

t.test('DIS-02 [D1] a statement of another issuer is refused', async (t) => {
  t.equal(discover(wellKnown({ statement: statement({ iss: acme }) })), 'schema/iss')
  t.equal(judge({ iss: acme }), 'schema/iss')
})

t.test('DIS-03 [D1] the document of one node, served at the domain of another, is refused', async (t) => {
  t.equal(discover(wellKnown(), acme), 'schema/node')
  t.equal(discover(wellKnown({ node: acme }), acme), 'schema/iss', 'its wrapper rewritten')
  t.equal(judge({}, { requested: acme }), 'schema/iss')
})

t.test('DIS-05 [D3] what is not a strict JSON document of this shape is refused', async (t) => {
  const bodies: [Buffer, string][] = [
    [Buffer.from('<!doctype html><title>globex</title>'), 'json-strict/syntax'],
    [Buffer.from(wellKnown().toString(), 'utf16le'), 'json-strict/control-character'],
    [Buffer.concat([Buffer.from('efbbbf', 'hex'), wellKnown()]), 'json-strict/byte-order-mark'],
    [Buffer.from('{"name":"an uploaded file"}'), 'schema/node'],
    [Buffer.from('[]'), 'schema/well-known'],
    [Buffer.from(wellKnown().toString().replace('{', `{"node":"${globex}",`)), 'json-strict/name-twice'],
    [wellKnown({ statement: 'x' }), 'signature-profile/jws-form'],
    [wellKnown({ node: 'Globex.example' }), 'schema/node'],
  ]
  for (const [body, expected] of bodies) {
    const actual = discover(body)
    // UTF-16 is refused for one reason or another; which one is of no interest.
    if (expected.endsWith('control-character')) t.match(actual, /^json-strict/)
    else t.equal(actual, expected)
  }
})

t.test('DIS-09 [D3, N3] a base_url of another form is refused', async (t) => {
  const urls = [
    'http://globex.example',
    'https://u@globex.example',
    'https://globex.example:8443',
    'https://globex.example/?a=1',
    'https://globex.example/#a',
    'https://globex.example./x',
    'https://127.0.0.1',
  ]
  for (const url of urls) {
    t.match(
      discover(wellKnown({ base_url: url, statement: statement({ base_url: url }) })),
      /^schema\/base-url/,
      url,
    )
  }
})

t.test('DIS-07 [D4] the base_url is the signed one', async (t) => {
  const moved = 'https://other.globex.example'
  t.equal(discover(wellKnown({ base_url: moved })), 'schema/base_url')
  t.equal(
    discover(wellKnown({ base_url: moved, statement: statement({ base_url: moved, ver: 6 }) })),
    'accepted',
  )
})

t.test('PAR-13 [D3] unknown members of the wrapper have no effect', async (t) => {
  const found = take(readWellKnown(wellKnown({ keys: [], iss: acme, v: 9 }), globex))
  t.notOk('keys' in found)
  t.match(take(readDocument(statement({ later: { a: 1 } }), statementKind)).payload, { later: { a: 1 } })
  t.equal(judge({ later: 1, must: ['later'] }), 'features-missing/must')
})

t.test('[D5] a statement lives for seven days at most, and not before or after its time', async (t) => {
  t.equal(judge({ exp: nowSeconds - 60 + 7 * 86_400 }), 'accepted')
  t.equal(judge({ exp: nowSeconds - 60 + 7 * 86_400 + 1 }), 'schema/life')
  t.equal(judge({ iat: nowSeconds, exp: nowSeconds }), 'schema/life')
  t.equal(judge({ iat: nowSeconds + 30 }), 'accepted')
  t.equal(judge({ iat: nowSeconds + 31 }), 'schema/future')
  t.equal(judge({ exp: nowSeconds }), 'schema/expired')
  t.equal(judge({ exp: undefined }), 'schema/exp')
})

t.test('[D6] keys and head are those of the operation log', async (t) => {
  t.equal(judge({ op_seq: 2 }), 'schema/op-head')
  t.equal(judge({ op_hash: kidOf(5) }), 'schema/op-head')
  t.equal(judge({ keys: [jwk(1), jwk(2)] }), 'schema/keys', 'a key too many')
  t.equal(judge({ keys: [jwk(2)] }, {}, keyPair(2).signer), 'schema/keys', 'other keys')
  t.equal(judge({ keys: [jwk(1, 7)] }), 'schema/keys', 'another nbf')
  t.equal(judge({}, {}, keyPair(2).signer), 'key-unknown/statement')
  t.equal(judge({}, {}, { ...keyPair(2).signer, kid: kidOf(1) }), 'signature-invalid')
  const texts = [genesis(), nextOperation([genesis()], { active: [jwk(2)] }, signer)]
  t.equal(judge({}, { log: take(readOperationLog(texts, globex)) }), 'schema/op-head', 'the log has moved on')
})

t.test('KEY-10 [D7] a statement never goes back', async (t) => {
  const pinned = (ver: number, text: string) => {
    const { jws } = take(readDocument(text, statementKind))
    return { pinned: { ver, hash: hashOfJws(jws) } }
  }
  t.equal(judge({}, pinned(5, statement())), 'accepted', 'the same again')
  t.equal(judge({}, pinned(6, statement({ ver: 6 }))), 'schema/rollback')
  t.equal(judge({ ver: 7 }, pinned(6, statement({ ver: 6 }))), 'accepted')
  t.equal(judge({ inbound: 'open' }, pinned(5, statement())), 'schema/rollback', 'two under one number')
})

t.test('[D9] what a node accepts and claims is bounded', async (t) => {
  const many = Array.from({ length: 51 }, (_, n) => `d${n}.example`)
  t.equal(judge({ email_domains: many }), 'schema/email_domains')
  t.equal(judge({ email_domains: ['globex.example'] }), 'accepted')
  t.match(judge({ email_domains: ['xn--a.com'] }), 'schema/domain-label')
  t.match(
    judge({ limits: Object.fromEntries(many.concat(many.map((d) => `${d}x`)).map((d) => [d, 1])) }),
    /^schema/,
  )
  t.equal(judge({ versions: [] }), 'schema/versions')
  const full: Partial<Statement> = { limits: { submitEventsMax: 10 }, email_domains: [globex] }
  t.equal(verdict(readDocument(signStatement({ ...draft, ...full }, log, signer), statementKind)), 'accepted')
})
