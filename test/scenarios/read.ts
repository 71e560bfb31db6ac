// Scenario files: one story in plain words. The first line is its name, a line that begins with # is a remark, and
// every other line is one step, as test/scenarios/README.md lists them.

export type Line = { readonly at: number; readonly text: string }
export type Scenario = { readonly name: string; readonly lines: readonly Line[] }

export function readScenario(text: string): Scenario {
  const lines = text
    .split('\n')
    .map((line, i) => ({ at: i + 1, text: line.trim() }))
    .filter((line) => line.text !== '' && !line.text.startsWith('#'))
  const [first, ...steps] = lines
  const name = /^Scenario: (.+)$/.exec(first?.text ?? '')?.[1]
  if (name === undefined) throw new Error('A scenario begins with "Scenario: " and its name.')
  return { name, lines: steps }
}

/** Texts in quotation marks, as `"A", "B" and "C"`. */
export function quoted(list: string): string[] {
  return [...list.matchAll(/"([^"]*)"/g)].map(([, text]) => text!)
}

/** Names, as `acme, globex and initech`. */
export function names(list: string): string[] {
  return list.split(/, | and /)
}
