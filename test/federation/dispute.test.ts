import t from 'tap'
import { isDisputed, wasCutOff } from '#federation/dispute.ts'
import { readOperationLog } from '#federation/operation-log.ts'
import { genesis, globex, jwk, keyPair, kidOf, nextOperation, nowSeconds, take } from './fixtures.ts'

const theft = nowSeconds - 300
const made = nowSeconds - 100
const base = take(readOperationLog([genesis()], globex)).opHash
const recovery = nextOperation(
  [genesis()],
  {
    op: 'recover',
    active: [jwk(9)],
    recovery: [kidOf(102)],
    reveal: jwk(101),
    base,
    compromised_since: theft,
    at: made,
  },
  keyPair(101).signer,
)
const log = take(readOperationLog([genesis(), recovery], globex))
const at = (seconds: number) => seconds * 1000

t.test(
  '[K18] what was written with a key in doubt since the theft is disputed, whenever it comes',
  async (t) => {
    t.notOk(isDisputed(log, { kid: kidOf(1), at: at(theft) - 1 }), 'before')
    t.ok(isDisputed(log, { kid: kidOf(1), at: at(theft) }))
    t.ok(isDisputed(log, { kid: kidOf(1), at: at(nowSeconds) }), 'accepted late, by who had not heard')
    t.notOk(isDisputed(log, { kid: kidOf(9), at: at(nowSeconds) }), 'with the new key')
    t.notOk(isDisputed(log, { kid: null, at: at(theft) - 1 }), 'what it wrote as a host')
    t.ok(isDisputed(log, { kid: null, at: at(made) - 1 }))
    t.notOk(isDisputed(log, { kid: null, at: at(made) }), 'and wrote after it')
    const calm = take(readOperationLog([genesis()], globex))
    for (const kid of [null, kidOf(1), kidOf(5)]) t.notOk(isDisputed(calm, { kid, at: at(nowSeconds) }))
  },
)

t.test(
  '[K19] a key that only a branch knew which was cut off is good for a week, and never alone',
  async (t) => {
    const week = 7 * 24 * 60 * 60
    const cutOff = (kid: ReturnType<typeof kidOf> | null, seconds: number) =>
      wasCutOff(log, { kid, at: at(seconds) })
    t.notOk(cutOff(kidOf(5), theft - 1))
    t.ok(cutOff(kidOf(5), theft))
    t.ok(cutOff(kidOf(5), made + week - 1))
    t.notOk(cutOff(kidOf(5), made + week))
    t.notOk(cutOff(kidOf(1), theft), 'one that can be verified has to be')
    t.notOk(cutOff(null, theft))
    t.ok(isDisputed(log, { kid: kidOf(5), at: at(theft) }))
  },
)
