import t from 'tap'
import { badInputIds, conformanceIds } from './catalogue.ts'
import { deferred } from './deferred.ts'
import { caseIdsOf, inputIdsOf, titlesIn } from './titles.ts'

const tested = new Set([
  ...titlesIn(['schema', 'federation', 'server', 'network', 'demo', 'scripts']).flatMap(caseIdsOf),
  ...titlesIn(['server', 'network', 'demo']).flatMap(inputIdsOf),
])
const waiting = Object.values(deferred).flat()

t.test('every case of the catalogue is a test, or waits with a reason', async (t) => {
  const neither = [...conformanceIds, ...badInputIds].filter((id) => !tested.has(id) && !waiting.includes(id))
  t.strictSame(neither, [])
})

t.test('no case waits that is a test, none waits twice, and none is made up', async (t) => {
  t.strictSame(
    waiting.filter((id) => tested.has(id)),
    [],
  )
  t.equal(new Set(waiting).size, waiting.length)
  const known = new Set([...conformanceIds, ...badInputIds])
  t.strictSame(
    waiting.filter((id) => !known.has(id)),
    [],
  )
})
