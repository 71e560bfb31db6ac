import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'

// What a test process leaves out of tap, and what still fails without it.

const lighter = join(import.meta.dirname, '../../scripts/test/lighter.ts')

const inside = (body: string): string => `
import t from 'tap'
t.test('runs', async (t) => {
  ${body}
  await new Promise((resolve) => setTimeout(resolve, 1000))
  t.pass()
})
t.test('comes after it', async (t) => t.pass())
`

t.test('an error that nothing waits for fails the file, and says which test was running', async (t) => {
  for (const body of [
    "setTimeout(() => { throw new Error('out of the blue') }, 1)",
    "void Promise.reject(new Error('out of the blue'))",
  ]) {
    const directory = t.testdir({ 'blue.test.ts': inside(body) })
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [`--require=${lighter}`, join(directory, 'blue.test.ts')],
      { encoding: 'utf8', env: { PATH: process.env['PATH'], TAP: '1' } },
    )
    t.not(status, 0)
    t.match(stderr, /Error: out of the blue\n +at .*blue\.test\.ts/)
    t.match(stdout, /not ok \d+ - runs/)
    t.notMatch(stdout, / ok \d+ - comes after it/)
  }
})

t.test('nothing hooks every promise of a test process', async (t) => {
  const name = 'async-hook-domain'
  const { Domain } = (await import(name)) as { Domain: new () => object }
  t.doesNotThrow(() => new Domain(), 'the one that does asks what is to be called')
})
