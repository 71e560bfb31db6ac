import { hash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defaultDataDirectory } from '#server/data-directory.ts'

// Where the demo of this checkout keeps its nodes, and with which settings it runs them: `npm start` writes it down,
// and commands find a node of the demo by its name.

type Environment = Readonly<Record<string, string | undefined>>

/** The settings of one node of the demo, by its id. */
export type DemoNodes = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Below the default data directory, or where PARLEY_DATA says. */
export function demoDirectory(environment: Environment): string {
  const named = environment['PARLEY_DATA']
  if (named) return named
  const uid = process.getuid?.() ?? -1
  const base = defaultDataDirectory({ uid, home: homedir(), xdgDataHome: environment['XDG_DATA_HOME'] })
  return join(base, 'demo', nameOfCheckout())
}

// With the moment when its directory was made, so that a new clone in the place of an old one is a new demo.
function nameOfCheckout(): string {
  const path = fileURLToPath(new URL('../..', import.meta.url))
  const { birthtimeMs } = statSync(path)
  return `${basename(path)}-${hash('sha256', `${path} ${birthtimeMs}`).slice(0, 8)}`
}

export function demoFile(directory: string): string {
  return join(directory, 'nodes.json')
}

/** Undefined when there has been no demo here. */
export function readDemoNodes(directory: string): DemoNodes | undefined {
  try {
    return JSON.parse(readFileSync(demoFile(directory), 'utf8')) as DemoNodes
  } catch {
    return undefined
  }
}
