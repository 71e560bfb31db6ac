import t from 'tap'
import type { z } from 'zod'
import {
  Address,
  EventId,
  Handle,
  Hash,
  InviteId,
  nodeOf,
  NodeId,
  nodeSender,
  NodeSender,
  partsOfAddress,
  SpaceId,
  UserId,
} from '#schema/ids.ts'

// The grammars of ids: a text either is the id, byte for byte, or it is refused.

function check(
  t: { equal(found: boolean, wanted: boolean, what: string): boolean },
  shape: z.ZodType,
  texts: { readonly good: readonly string[]; readonly bad: readonly unknown[] },
): void {
  for (const text of texts.good) t.equal(shape.safeParse(text).success, true, text)
  for (const text of texts.bad) t.equal(shape.safeParse(text).success, false, JSON.stringify(text))
}

const sixtyThree = 'a'.repeat(63)
const hash = 'A'.repeat(42)
const letters = 'abcdefghijklmnopqrstuvwxyz'

t.test('UNI-01 UNI-03 [N1] a node id is a domain of two labels or more, in lower case', async (t) => {
  const long = `${`${sixtyThree}.`.repeat(3)}${'a'.repeat(61)}`
  t.equal(long.length, 253)
  check(t, NodeId, {
    good: ['a.bc', 'acme.example', '1-2.3-4.co', 'xn--mller-kva.example', `${sixtyThree}.example`, long],
    bad: [
      '',
      'acme',
      'a.b',
      'Acme.example',
      'acme.example.',
      '.acme.example',
      'acme..example',
      'acme.example:443',
      '-acme.example',
      'acme-.example',
      'ac_me.example',
      'acme.example\n',
      ' acme.example',
      'ácme.example',
      `a${sixtyThree}.example`,
      `${long}a`,
      '127.0.0.1',
      'foo.0x1',
      '1.2.3',
      'acme.1example',
      'acme/example.com',
      'user@acme.example',
      null,
      7,
    ],
  })
})

t.test('[N1, E4] a user id is 128 random bits and the node that vouches for them', async (t) => {
  check(t, UserId, {
    good: [
      `u_${letters}@acme.example`,
      `u_${'2'.repeat(26)}@a.bc`,
      `u_${'7'.repeat(26)}@${sixtyThree}.example`,
    ],
    bad: [
      letters,
      `u_${letters}`,
      `u_${letters}@`,
      `u_${letters}@acme`,
      `u_${letters}@Acme.example`,
      `u_${letters.slice(1)}@acme.example`,
      `u_${letters}a@acme.example`,
      `u_${'1'.repeat(26)}@acme.example`,
      `u_${letters.toUpperCase()}@acme.example`,
      `U_${letters}@acme.example`,
      `u_${letters}@acme.example@globex.example`,
      `u_${letters}@acme.example\n`,
      'alice@acme.example',
    ],
  })
})

t.test('[E13] the host itself writes as node@ and its domain', async (t) => {
  check(t, NodeSender, {
    good: ['node@acme.example'],
    bad: [
      'node@acme',
      'Node@acme.example',
      'node2@acme.example',
      'acme.example',
      `u_${letters}@acme.example`,
    ],
  })
  const acme = NodeId.parse('acme.example')
  t.equal(nodeSender(acme), 'node@acme.example')
  t.equal(nodeOf(nodeSender(acme)), acme)
  t.equal(nodeOf(UserId.parse(`u_${letters}@acme.example`)), acme)
})

t.test('[E1, L1] hashes and space ids are canonical: the two spare bits are zero', async (t) => {
  const spare = 'AEIMQUYcgkosw048'
  const all = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (const last of all) {
    t.equal(Hash.safeParse(hash + last).success, spare.includes(last), last)
    t.equal(SpaceId.safeParse(`s_${hash}${last}`).success, spare.includes(last), `s_…${last}`)
  }
  check(t, Hash, {
    good: [`${hash}A`],
    bad: [hash, `${hash}AA`, `${hash}=`, `${'+'.repeat(42)}A`, `${hash}A\n`],
  })
  check(t, SpaceId, { good: [`s_${hash}A`], bad: [`${hash}A`, `S_${hash}A`, `s-${hash}A`, `s_${hash}`] })
})

t.test('[E3] an event id is a UUIDv7 in lower case', async (t) => {
  check(t, EventId, {
    good: ['0193a000-0000-7000-8000-00000000000f', 'ffffffff-ffff-7fff-bfff-ffffffffffff'],
    bad: [
      '0193A000-0000-7000-8000-000000000001',
      '0193a000-0000-4000-8000-000000000001',
      '0193a000-0000-7000-7000-000000000001',
      '0193a000-0000-7000-c000-000000000001',
      '0193a00000007000800000000000001',
      '{0193a000-0000-7000-8000-000000000001}',
      '0193a000-0000-7000-8000-00000000000',
    ],
  })
})

t.test('[V1] an invite id is 16 bytes, canonical', async (t) => {
  check(t, InviteId, {
    good: [`${'A'.repeat(21)}A`, `${'-'.repeat(21)}Q`, `${'_'.repeat(21)}g`, `${'0'.repeat(21)}w`],
    bad: ['', 'A'.repeat(21), 'A'.repeat(23), `${'A'.repeat(21)}B`, `${'A'.repeat(20)}==`],
  })
})

t.test('[V1] handles and addresses are what people type, in one spelling', async (t) => {
  check(t, Handle, {
    good: ['a', 'alice', 'a.b-c_d9', `a${'b'.repeat(31)}`],
    bad: ['', '9a', 'Alice', 'a.', 'a..b', '.a', 'a b', 'a@b', `a${'b'.repeat(32)}`, 'ä', 'alice\n'],
  })
  check(t, Address, {
    good: ['@bob:globex.example', '@b.o-b:globex.example'],
    bad: [
      'bob:globex.example',
      '@bob@globex.example',
      '@bob:globex',
      '@Bob:globex.example',
      '@bob.:globex.example',
    ],
  })
  const parts = partsOfAddress(Address.parse('@bob:globex.example'))
  t.same(parts, { handle: 'bob', node: 'globex.example' })
})
