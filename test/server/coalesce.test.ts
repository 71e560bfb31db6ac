import t from 'tap'
import { coalesce } from '#server/db/coalesce.ts'

t.test('what is asked for during a lookup is looked up together in the next one', async (t) => {
  const lookups: number[][] = []
  const release: (() => void)[] = []
  const double = coalesce<number, number>(async (keys) => {
    lookups.push([...keys])
    await new Promise<void>((resolve) => release.push(resolve))
    return keys.map((key) => key * 2)
  })
  const first = [double(1), double(2)]
  await new Promise(setImmediate)
  const second = [double(3), double(1)]
  await new Promise(setImmediate)
  t.same(lookups, [[1, 2]])
  release[0]!()
  t.same(await Promise.all(first), [2, 4])
  await new Promise(setImmediate)
  t.same(lookups, [
    [1, 2],
    [3, 1],
  ])
  release[1]!()
  t.same(await Promise.all(second), [6, 2])
})

t.test('a lookup that fails fails for those who asked in it, and the next one goes on', async (t) => {
  let fails = true
  const read = coalesce<string, string>(async (keys) => {
    if (fails) throw new Error('The database is away.')
    return keys
  })
  await t.rejects(Promise.all([read('a'), read('b')]), { message: 'The database is away.' })
  fails = false
  t.equal(await read('c'), 'c')
})
