import t from 'tap'
import { walk } from './walk.ts'

// The short form; `npm run walks -- --runs 10000` is the long one.

t.setTimeout(300_000)

t.test('I-12, I-13, I-14: random walks find nobody who is told what is not theirs', async (t) => {
  const { walks, tally, failure } = await walk({
    walks: 40,
    seed: Number(process.env['PARLEY_WALKS_SEED'] ?? 1),
    abreast: 20,
    perWorld: 400,
    stepsMax: 10,
  })
  t.equal(failure, undefined)
  t.ok(walks >= 40)
  t.ok(tally.unauthorised >= tally.attempts / 10, 'a tenth of what is tried is not allowed')
  t.comment(tally.story)
})
