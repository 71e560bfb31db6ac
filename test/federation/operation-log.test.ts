import t from 'tap'
import {
  noPrevious,
  activeKeys,
  chooseSigningKey,
  extendsLog,
  findSuccessor,
  findSigningKey,
  fingerprint,
  readOperationLog,
} from '#federation/operation-log.ts'
import {
  acme,
  genesis,
  globex,
  jwk,
  keyPair,
  kidOf,
  nextOperation,
  nowSeconds,
  take,
  verdict,
} from './fixtures.ts'

const one = keyPair(1).signer
const two = keyPair(2).signer
const recovery = keyPair(101).signer

const read = (...texts: string[]) => readOperationLog(texts, globex)
const judge = (...texts: string[]) => verdict(read(...texts))

const rotated = [genesis(), nextOperation([genesis()], { active: [jwk(1), jwk(2)] }, one)]
/** A recovery after the operations in `texts`: key 9 is all that is left, 102 the next recovery key. */
const recover = (texts: readonly string[], changes = {}, signer = recovery) => {
  const base = take(readOperationLog(texts, globex)).opHash
  const payload = { active: [jwk(9)], recovery: [kidOf(102)], reveal: jwk(101), base, compromised_since: 5 }
  return nextOperation(texts, { op: 'recover', ...payload, ...changes }, signer)
}

t.test('[K7] a genesis names the active keys and commits to recovery keys', async (t) => {
  const log = take(read(genesis()))
  t.match(log, { node: globex, opSeq: 1, genesisHash: log.opHash, recovery: [kidOf(101)], retired: false })
  t.same(
    log.keys.map(({ key, activeFromOp }) => [key.kid, activeFromOp]),
    [[kidOf(1), 1]],
  )
  t.equal(judge(genesis({}, two)), 'key-unknown', 'signed by a key that is not in it')
  t.equal(judge(genesis({ active: [jwk(1), jwk(2)] }, two)), 'key-unknown', 'signed by its second key')
  t.match(judge(genesis({ active: [] })), /^schema/)
  t.match(judge(genesis({ recovery: [] })), /^schema/)
  t.equal(judge(genesis({ recovery: [kidOf(101), kidOf(101)] })), 'schema/recovery-twice')
  t.equal(judge(genesis({ recovery: [kidOf(1)] })), 'schema/recovery-active')
  t.match(judge(genesis({ recovery: [101, 102, 103, 104].map(kidOf) })), /^schema/)
  t.equal(judge(genesis({ active: [jwk(1), jwk(1)] })), 'schema/key-twice')
  t.equal(judge(genesis({ active: [{ ...jwk(1), kid: kidOf(2) }] })), 'schema/key-thumbprint')
  const without: object = { recovery: undefined }
  t.equal(judge(genesis(without)), 'schema/genesis', 'no commitment at all')
  t.equal(judge(genesis({ seq: 2 })), 'schema/seq')
  t.equal(judge(genesis({ prev: kidOf(1) })), 'schema/prev')
  t.equal(judge(genesis({ op: 'rotate' })), 'schema/genesis')
  t.equal(judge(), 'schema/operations-empty')
})

t.test('[K5] a log is read for the node that was asked, and no other', async (t) => {
  t.equal(verdict(readOperationLog([genesis()], acme)), 'schema/node')
  t.equal(judge(genesis(), nextOperation([genesis()], { node: acme, active: [jwk(2)] }, one)), 'schema/node')
})

t.test('KEY-14 [K6, K7] 257 operations, 9 keys, a cycle and a fork are refused', async (t) => {
  const texts = [genesis()]
  while (texts.length < 257) texts.push(nextOperation(texts, { active: [jwk(1)] }, one))
  t.equal(judge(...texts.slice(0, 256)), 'accepted')
  t.equal(judge(...texts), 'too-large/operations')
  t.match(judge(genesis({ active: [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => jwk(n)) })), 'schema/active')
  t.equal(judge(genesis({ active: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => jwk(n)) })), 'accepted')
  t.equal(judge(...rotated, rotated[1]!), 'schema/seq', 'the same operation again')
  t.equal(
    judge(...rotated, nextOperation(rotated, { active: [jwk(1)], prev: noPrevious }, one)),
    'schema/prev',
  )
  const sibling = nextOperation([genesis()], { active: [jwk(3)], seq: 3 }, one)
  t.equal(judge(...rotated, sibling), 'schema/prev', 'two operations after one')
  t.equal(judge(rotated[1]!, genesis()), 'schema/seq', 'in the wrong order')
})

t.test('[K8] a rotation is signed by a key that is active before it', async (t) => {
  const log = take(read(...rotated))
  t.same(
    activeKeys(log).map(({ key }) => key.kid),
    [kidOf(1), kidOf(2)],
  )
  const onlyTwo = nextOperation(rotated, { active: [jwk(2)] }, two)
  const ended = take(read(...rotated, onlyTwo))
  t.match(ended.keys, [
    { activeFromOp: 1, activeUntilOp: 3 },
    { activeFromOp: 2, activeUntilOp: undefined },
  ])
  const three = [...rotated, onlyTwo]
  t.equal(
    judge(genesis(), nextOperation([genesis()], { active: [jwk(2)] }, two)),
    'key-unknown/operation',
    'by the new key',
  )
  t.equal(
    judge(...three, nextOperation(three, { active: [jwk(3)] }, one)),
    'key-unknown/operation',
    'by an ended key',
  )
  t.equal(judge(...three, nextOperation(three, { active: [jwk(1)] }, two)), 'schema/key-returned')
  t.equal(
    judge(genesis(), nextOperation([genesis()], { active: [jwk(2)] }, recovery)),
    'key-unknown/operation',
  )
  t.equal(judge(genesis(), nextOperation([genesis()], {}, one)), 'schema/active')
  const commits = nextOperation([genesis()], { active: [jwk(2)], recovery: [kidOf(103)] }, one)
  t.equal(judge(genesis(), commits), 'schema/recovery-change')
  t.equal(
    judge(genesis(), nextOperation([genesis()], { op: 'genesis', active: [jwk(2)] }, one)),
    'schema/genesis',
  )
})

t.test('KEY-11 [K3] a log with a key of low order is refused', async (t) => {
  const x = Buffer.alloc(32).toString('base64url')
  t.equal(judge(genesis({ active: [jwk(1), { ...jwk(2), x }] })), 'schema/key-low-order')
})

t.test('KEY-09 [K9] a recovery is signed by a key that matches a commitment', async (t) => {
  const log = take(read(...rotated, recover(rotated)))
  t.same(
    activeKeys(log).map(({ key }) => key.kid),
    [kidOf(9)],
  )
  t.match(log.keys, [
    { compromisedSince: 5, activeUntilOp: 3 },
    { compromisedSince: 5 },
    { compromisedSince: undefined },
  ])
  t.same(log.recovery, [kidOf(102)])
  const judgeRecover = (changes: object, signer = recovery) =>
    judge(...rotated, recover(rotated, changes, signer))
  t.equal(judgeRecover({ reveal: jwk(103) }, keyPair(103).signer), 'key-unknown/recovery')
  t.equal(judgeRecover({}, one), 'key-unknown', 'revealed, but signed by an active key')
  t.equal(judgeRecover({ reveal: undefined }), 'schema/reveal')
  t.equal(judgeRecover({ base: kidOf(3) }), 'schema/recover')
  t.equal(judgeRecover({ compromised_since: undefined }), 'schema/recover')
  t.equal(judgeRecover({ recovery: undefined }), 'schema/recover')
  t.equal(judgeRecover({ recovery: [kidOf(101)] }), 'schema/recovery-twice', 'the key that was shown')
  t.equal(judgeRecover({ active: [jwk(1)] }), 'schema/recover-keeps-key')
  t.equal(judgeRecover({ recovery: [kidOf(9)] }), 'schema/recovery-active')
  t.equal(judgeRecover({ active: undefined }), 'schema/active')
})

t.test('[K10] after retiring there is nothing; [K12] moves are not in this version', async (t) => {
  const retired = nextOperation([genesis()], { op: 'retire' }, one)
  t.equal(take(read(genesis(), retired)).retired, true)
  t.equal(
    judge(genesis(), nextOperation([genesis()], { op: 'retire', reveal: jwk(101) }, recovery)),
    'accepted',
  )
  t.equal(judge(genesis(), nextOperation([genesis()], { op: 'retire' }, two)), 'key-unknown/operation')
  t.equal(
    judge(genesis(), nextOperation([genesis()], { op: 'retire', active: [jwk(2)] }, one)),
    'schema/retire',
  )
  const after = [genesis(), retired]
  t.equal(judge(...after, nextOperation(after, { active: [jwk(2)] }, one)), 'schema/after-retire')
  t.equal(
    judge(genesis(), nextOperation([genesis()], { op: 'move', to: acme }, one)),
    'schema/op-not-supported',
  )
})

t.test(
  'KEY-05 KEY-10 KEY-18 [K13] continuity: a log extends what was pinned, or everything stops',
  async (t) => {
    const log = (...texts: string[]) => take(read(...texts))
    const judge = (pinned: string[], newer: string[]): string => {
      const outcome = extendsLog(log(...pinned), log(...newer))
      return outcome.ok ? outcome.value : verdict(outcome)
    }
    const g = [genesis()]
    t.equal(judge(g, g), 'same')
    t.equal(judge(g, rotated), 'extended')
    t.equal(judge(rotated, g), 'stale', 'a shorter log is ignored, not believed')
    t.equal(judge(g, [genesis({ at: 1 })]), 'key-conflict/genesis', 'a new owner of the domain')
    const hostile = [genesis(), nextOperation(g, { active: [jwk(66)] }, one)]
    t.equal(judge(rotated, hostile), 'key-conflict/fork')
    const longer = [...hostile, nextOperation(hostile, { active: [jwk(67)] }, keyPair(66).signer)]
    t.equal(judge(rotated, longer), 'key-conflict/fork', 'length counts for nothing')
    const recovered = [genesis(), recover(g)]
    t.equal(judge(g, recovered), 'recovered')
    t.equal(judge(hostile, recovered), 'recovered', 'cuts off a hostile rotation')
    t.equal(judge(longer, recovered), 'recovered', 'also a longer one')
    t.equal(judge(recovered, hostile), 'key-conflict/fork', 'and is not cut off itself')
    t.equal(judge(recovered, [genesis(), recover(g, { active: [jwk(10)] })]), 'key-conflict/two-recoveries')
  },
)

t.test('[K11] a key signs while it is active and from its nbf on', async (t) => {
  const later = nextOperation([genesis()], { active: [jwk(2), jwk(3, nowSeconds + 3600)] }, one)
  const log = take(read(genesis(), later))
  const find = (n: number, now = nowSeconds) => verdict(findSigningKey(log, kidOf(n), now))
  t.equal(find(1), 'key-retired')
  t.equal(find(2), 'accepted')
  t.equal(find(3), 'key-unknown/nbf')
  t.equal(find(3, nowSeconds + 3569), 'key-unknown/nbf')
  t.equal(find(3, nowSeconds + 3570), 'accepted', 'its node may be 30 s ahead of us')
  t.equal(find(4), 'key-unknown')
})

t.test('[K14] a fingerprint is twelve groups of five digits, and another for another genesis', async (t) => {
  const first = fingerprint(take(read(genesis())).genesisHash)
  t.match(first, /^\d{5}( \d{5}){11}$/)
  t.equal(first, fingerprint(take(read(...rotated)).genesisHash), 'the same after a rotation')
  t.not(first, fingerprint(take(read(genesis({ at: 1 }))).genesisHash))
  t.equal(
    fingerprint(noPrevious),
    '67847 40740 73818 82925 90057 78378 98546 08032 82673 66064 11347 02001',
    'as another implementation computes it',
  )
})

t.test('[K15] of the keys that it holds a node signs with the newest that has begun', async (t) => {
  const day = 24 * 60 * 60
  const log = take(read(genesis(), nextOperation([genesis()], { active: [jwk(1), jwk(2, day)] }, one)))
  const held = [1, 2, 3].map((n) => keyPair(n).key)
  const chosen = (at: number, keys = held) => chooseSigningKey(log, keys, at)?.key.kid
  t.equal(chosen(day - 1), kidOf(1))
  t.equal(chosen(day), kidOf(2))
  t.equal(chosen(day, held.slice(0, 1)), kidOf(1), 'a process that has not got the new one')
  t.equal(chosen(day, held.slice(2)), undefined, 'none of its own')
  t.equal(findSuccessor(log, 2 * day - 1), undefined)
  t.equal(findSuccessor(log, 2 * day)?.key.kid, kidOf(2), 'the old one has had its time')
  t.equal(findSuccessor(take(read(genesis())), 9 * day), undefined, 'nothing to end')
})
