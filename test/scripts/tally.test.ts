import t from 'tap'
import { takeTally } from '../../scripts/test/tally.ts'

const asked = ['test/a.test.ts', 'test/b.test.ts']

t.test('the counts are those of tap, which leaves out zeros', async (t) => {
  const totals = '# { total: 14, pass: 12, todo: 1, skip: 1 }'
  const tally = takeTally({ totals, asked, seen: new Set(asked), status: 0 })
  t.same(tally, { passed: 12, failed: 0, skipped: 1, todo: 1, remarks: [], status: 0 })
})

t.test('a file without a result counts as a failure, and is named', async (t) => {
  const totals = '# { total: 3, pass: 2, fail: 1 }'
  const tally = takeTally({ totals, asked, seen: new Set(['test/a.test.ts']), status: 0 })
  t.match(tally, { passed: 2, failed: 2, status: 1, remarks: [/test\/b\.test\.ts/] })
})

t.test('a run without totals is a failure', async (t) => {
  const tally = takeTally({ totals: undefined, asked, seen: new Set(), status: 0 })
  t.match(tally, { passed: 0, failed: 1, status: 1 })
})
