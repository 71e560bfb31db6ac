import t from 'tap'
import { openGate } from '#server/ports/gate.ts'

t.test('a gate lets two through, two wait in order, and turns the fifth away at once', async (t) => {
  const gate = openGate({ atOnceMax: 2, queuedMax: 2 })
  const done: number[] = []
  const release: (() => void)[] = []
  const enter = (n: number) =>
    gate.run(async () => {
      await new Promise<void>((resolve) => release.push(resolve))
      done.push(n)
    })
  const entered = [1, 2, 3, 4].map(enter)
  t.equal(enter(5), undefined)
  t.equal(release.length, 2)
  for (let i = 0; i < 4; i++) {
    release[i]!()
    await entered[i]
  }
  t.same(done, [1, 2, 3, 4])
})

t.test('work that fails makes room for the next', async (t) => {
  const gate = openGate({ atOnceMax: 1, queuedMax: 1 })
  const failed = gate.run(async () => await Promise.reject(new Error('no')))
  const next = gate.run(async () => 'yes')
  await t.rejects(failed!)
  t.equal(await next, 'yes')
})
