import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { names, readScenario, type Scenario } from './read.ts'
import { takeStep } from './steps.ts'
import { Story } from './story.ts'

// Every *.scenario beside this file, as a network test under the virtual clock, with a real SMTP server.

t.setTimeout(600_000)
const folder = fileURLToPath(new URL('.', import.meta.url))
const only = process.env['PARLEY_SCENARIO']
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.scenario') && (only === undefined || name.startsWith(only)))
  .toSorted()
t.ok(files.length > 0, 'there are scenarios')

for (const file of files) {
  const scenario = readScenario(readFileSync(`${folder}${file}`, 'utf8'))
  t.test(`${scenario.name} (${file})`, async (t) => {
    await using story = await Story.open(companiesOf(scenario))
    for (const { at, text } of scenario.lines.slice(1)) {
      try {
        await takeStep(story, text)
      } catch (error) {
        throw new Error(`${file}:${at}: ${text}`, { cause: error })
      }
      t.pass(text)
    }
  })
}

/** The first step names the companies. */
function companiesOf({ lines }: Scenario): string[] {
  const list = /^The companies are (.+)\.$/.exec(lines[0]?.text ?? '')?.[1]
  if (list === undefined) throw new Error('The first step is "The companies are acme, globex and initech."')
  return names(list)
}
