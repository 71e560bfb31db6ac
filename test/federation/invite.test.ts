import t from 'tap'
import type { ContentOf } from '#schema/event/types.ts'
import type { Handle } from '#schema/ids.ts'
import type { Proof } from '#schema/wire/event.ts'
import type { Invite } from '#schema/wire/invite.ts'
import { readDocument } from '#federation/document.ts'
import { buildEntry, noHash } from '#federation/chain.ts'
import {
  faultOfInvite,
  inviteKind,
  inviteResponseKind,
  isConsent,
  readGenesis,
  signInvite,
  signInviteResponse,
} from '#federation/invite.ts'
import type { GenesisProof } from '#federation/genesis.ts'
import { faultOfFence, fenceKind, signFence } from '#federation/fence.ts'
import { acme, bob, bobIdentity, globex, keyPair, kidOf, nowSeconds, take, verdict } from './fixtures.ts'
import {
  acmeItself,
  alice,
  batchOf,
  bea,
  begin,
  groupId,
  jti,
  nowMs,
  responseOf,
  type TestLog,
  user,
} from './log-fixtures.ts'

const day = 86_400
const log = begin()

/** The letter that invites bob into a space, and the checkpoint payload beside its genesis. */
function letterFor(log: TestLog, changes: Partial<Invite> = {}): Invite {
  const { event, entry } = log.placed[0]!
  return {
    v: 1,
    iss: acme,
    aud: globex,
    jti: jti(1),
    iat: nowSeconds,
    exp: nowSeconds + 14 * day,
    space: log.space,
    kind: 'thread',
    genesis: { event: event.wire, entry: entry.text, checkpoint: 'signed elsewhere' },
    inviter: bobIdentity(),
    invitee: { handle: 'bob' as Handle },
    role: 'poster',
    history: 'all',
    roster: [acme],
    features: [],
    ...changes,
  }
}

const letter = letterFor(log)
const { checkpoint } = batchOf(log, 1, 1)

t.test('[V1] a letter is a signed document of at most 16 KiB', async (t) => {
  const { signer } = keyPair(3)
  const text = signInvite(letter, signer)
  t.same(take(readDocument(text, inviteKind)).payload, letter)
  const long = signInvite({ ...letter, pad: 'x'.repeat(12_300) }, signer)
  t.equal(verdict(readDocument(long, inviteKind)), 'too-large/jws')
  const wrong = signInviteResponse(letter as never, signer)
  t.equal(verdict(readDocument(wrong, inviteKind)), 'signature-profile/jws-typ')
})

t.test('[V1] the largest letter that a host has to write fits', async (t) => {
  const users = Array.from({ length: 64 }, (_, n) => user('bcdefghijklmnopqrstuvwxyz234567'[n % 31]!, acme))
  const crowd = begin({ recipients: { users, groups: [] } })
  const text = signInvite(letterFor(crowd, { title: 'x'.repeat(200) }), keyPair(3).signer)
  t.equal(verdict(readDocument(text, inviteKind)), 'accepted')
})

t.test('[V2] a letter lives for fourteen days at the most, and grants no right to decide', async (t) => {
  const judge = (changes: Partial<Invite>, now = nowSeconds): string => {
    const fault = faultOfInvite({ ...letter, ...changes }, now)
    return fault ? verdict(fault) : 'accepted'
  }
  t.equal(judge({}), 'accepted')
  t.equal(judge({ exp: letter.exp + 1 }), 'schema/life')
  t.equal(judge({ exp: letter.iat }), 'schema/life')
  t.equal(judge({}, letter.exp - 1), 'accepted')
  t.equal(judge({}, letter.exp), 'invite-expired')
  t.equal(judge({}, letter.iat - 30), 'accepted')
  t.equal(judge({}, letter.iat - 31), 'schema/future')
  t.equal(judge({ role: 'admin' }), 'no-right/role')
})

t.test('JOI-04 [V3] the genesis in a letter begins the space that the letter names', async (t) => {
  const judge = (invite: Partial<Invite>, covered = checkpoint): string =>
    verdict(readGenesis({ ...letter, ...invite }, covered, undefined))
  t.equal(judge({}), 'accepted')
  t.equal(judge({ space: groupId(1) }), 'schema/genesis')
  t.equal(judge({ iss: globex }), 'not-host/genesis')
  t.equal(judge({ kind: 'group' }), 'schema/kind')
  const { genesis } = letter
  const message = {
    ...genesis,
    event: { ...genesis.event, header: genesis.event.header.replace('acme', 'akme') },
  }
  t.equal(judge({ genesis: message }), 'schema/genesis')
  const content = { ...genesis, event: { ...genesis.event, content: '{}' } }
  t.match(judge({ genesis: content }), /^content-mismatch/)
})

t.test('[V3] the entry in a letter is the first of its log', async (t) => {
  const { body } = log.placed[0]!.entry
  const judge = (changes: Partial<typeof body>): string => {
    const entry = buildEntry({ ...body, ...changes })
    const genesis = { ...letter.genesis, entry: entry.text }
    return verdict(readGenesis({ ...letter, genesis }, { ...checkpoint, hash: entry.hash }, undefined))
  }
  t.equal(judge({}), 'accepted')
  t.equal(judge({ seq: 2 }), 'schema/entry')
  t.equal(judge({ epoch: 2 }), 'schema/entry')
  t.equal(judge({ prev: kidOf(1) }), 'schema/entry')
  t.equal(judge({ event: kidOf(1) }), 'schema/entry')
  t.equal(judge({ space: groupId(1) }), 'schema/entry')
  t.equal(body.prev, noHash)
})

t.test('JOI-02 [V3] the checkpoint in a letter covers that entry and the state after it', async (t) => {
  for (const changes of [
    { iss: globex },
    { space: groupId(1) },
    { epoch: 2 },
    { seq: 2 },
    { hash: kidOf(1) },
    { state: kidOf(1) },
  ]) {
    const covered = { ...checkpoint, ...changes }
    t.equal(verdict(readGenesis(letter, covered, undefined)), 'schema/checkpoint', JSON.stringify(changes))
  }
})

t.test(
  'INV-19 [V3, E20] a genesis that breaks the rules, or needs what we do not have, is no invitation',
  async (t) => {
    const judge = (changes: Partial<ContentOf<'space.create'>>): string => {
      const strange = begin(changes)
      return verdict(readGenesis(letterFor(strange), batchOf(strange, 1, 1).checkpoint, undefined))
    }
    t.equal(judge({ features: ['polls'] }), 'features-missing/genesis')
    t.equal(judge({ recipients: { users: [alice, bob], groups: [] } }), 'not-a-member/genesis')
    const itself = begin({}, { sender: acmeItself })
    t.equal(
      verdict(readGenesis(letterFor(itself), batchOf(itself, 1, 1).checkpoint, undefined)),
      'no-right/genesis',
    )
  },
)

t.test(
  '[V3, E11] a genesis of another node’s user stands with the proof of that node, by the key that its entry names',
  async (t) => {
    const kid = kidOf(1)
    const recipients = { users: [], groups: [groupId(1)] }
    const theirs = begin({ recipients }, { sender: bob, body: { kid } })
    const { event } = theirs.placed[0]!
    const payload: Proof = { v: 1, iss: globex, space: theirs.space, host: acme, events: [event.hash] }
    const judge = (proof: GenesisProof, log = theirs): string =>
      verdict(readGenesis(letterFor(log), batchOf(log, 1, 1).checkpoint, proof))
    t.equal(judge({ kid, payload }), 'accepted')
    const no = 'signature-invalid/proof'
    t.equal(judge(undefined), no)
    t.equal(judge({ kid: kidOf(2), payload }), no, 'by another key')
    t.equal(judge({ kid, payload: { ...payload, iss: acme } }), no)
    t.equal(judge({ kid, payload: { ...payload, space: groupId(1) } }), no)
    t.equal(judge({ kid, payload: { ...payload, host: globex } }), no)
    t.equal(judge({ kid, payload: { ...payload, events: [kidOf(1)] } }), no)
    t.equal(judge('unchecked'), 'accepted', 'where nobody can be asked')
    const keyless = begin({ recipients }, { sender: bob, body: { kid: null } })
    t.equal(judge('unchecked', keyless), no, 'but never without a key in the entry')
    const ours = begin({}, { body: { kid } })
    t.equal(judge(undefined, ours), no, 'and the host’s own have none')
  },
)

t.test(
  '[V5] an answer makes a member of exactly the person, in exactly the space, that it is about',
  async (t) => {
    const said = responseOf(log.space, `response.${bob}.1`)
    const expected = { host: acme, space: log.space, jti: jti(1), user: bob }
    t.equal(isConsent(said, expected), true)
    t.equal(isConsent(said, { ...expected, user: bea }), false)
    t.equal(isConsent(said, { ...expected, host: globex }), false)
    t.equal(isConsent(said, { ...expected, space: groupId(1) }), false)
    t.equal(isConsent(said, { ...expected, jti: jti(2) }), false)
    t.equal(isConsent({ ...said, answer: 'decline' }, expected), false)
    t.equal(isConsent({ ...said, iss: acme }, expected), false)
    t.equal(isConsent({ ...said, genesis: kidOf(1) }, expected), false)
    const text = signInviteResponse(said, keyPair(1).signer)
    t.same(take(readDocument(text, inviteResponseKind)).payload, said)
  },
)

t.test('[F1, F2] a fence is about users of the node that it goes to', async (t) => {
  const fence = {
    v: 1,
    iss: acme,
    aud: globex,
    n: 1,
    space: log.space,
    subject: bob,
    from_seq: 7,
    epoch: 1,
    action: 'deny',
    at: nowMs,
  } as const
  t.same(take(readDocument(signFence(fence, keyPair(3).signer), fenceKind)).payload, fence)
  t.equal(faultOfFence(fence), undefined)
  t.equal(faultOfFence({ ...fence, subject: '*' }), undefined)
  t.match(faultOfFence({ ...fence, subject: alice }), { code: 'schema', detail: 'subject' })
  for (const changes of [{ n: 0 }, { from_seq: 0 }, { action: 'forgive' }, { subject: 'bob' }]) {
    const text = signFence({ ...fence, ...changes } as never, keyPair(3).signer)
    t.match(verdict(readDocument(text, fenceKind)), /^schema/, JSON.stringify(changes))
  }
})
