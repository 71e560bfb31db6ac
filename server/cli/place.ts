import { ConfigError, type Config, readConfig } from '#server/config.ts'
import { demoDirectory, readDemoNodes } from './demo-nodes.ts'
import { Failure } from './failure.ts'

/** What every command is given to find its node. */
export type Asked = {
  readonly environment: NodeJS.ProcessEnv
  /** A node of the demo. */
  readonly node?: string | undefined
}

/** The settings of the node that a command is about: of the environment, as the node itself reads them, or of a demo node. */
export function settingsOf({ environment, node }: Asked): Config {
  try {
    return readConfig(node === undefined ? environment : demoSettings(environment, node))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new Failure(2, [error.message, ...error.faults].join('\n  '), { cause: error })
  }
}

/** The same for a command that only reads the database, so that the node's id may be left out. */
export function databaseSettingsOf({ environment, node }: Asked): Config {
  return settingsOf({ environment: { PARLEY_NODE_ID: 'unnamed.localhost', ...environment }, node })
}

function demoSettings(environment: NodeJS.ProcessEnv, name: string): NodeJS.ProcessEnv {
  const nodes = readDemoNodes(demoDirectory(environment))
  if (!nodes) throw new Failure(2, 'There is no demo of this checkout. Start it with npm start.')
  const id = demoNodeId(Object.keys(nodes), name)
  if (id !== undefined) return nodes[id]!
  throw new Failure(
    2,
    `The demo has no node "${name}".\nIt has ${Object.keys(nodes).map(shortName).join(' and ')}.`,
  )
}

/** `acme` and `acme.localhost` mean the same node of a demo. */
function demoNodeId(ids: readonly string[], name: string): string | undefined {
  return ids.find((id) => id === name || shortName(id) === name)
}

function shortName(id: string): string {
  return id.split('.', 1)[0]!
}

/** The node that somebody means, who may be looking at a demo and then leave out the end. */
export function peerName({ environment, node }: Asked, peer: string): string {
  if (node === undefined) return peer
  const nodes = readDemoNodes(demoDirectory(environment)) ?? {}
  return demoNodeId(Object.keys(nodes), peer) ?? peer
}
