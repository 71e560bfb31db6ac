import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { ConfigError, readConfig, type Config } from './config.ts'

// The process: settings, a node, and its end. What is loaded after the settings is loaded compiled.

const interrupted = new Promise<void>((resolve) => {
  let signals = 0
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // Whoever asks twice means now. A crash costs nothing that was acknowledged.
      if (++signals > 1) process.exit(1)
      resolve()
    })
  }
})

const config = read()
enableCompileCache(join(config.dataDirectory, 'cache'))
try {
  await run(config)
} catch (error) {
  console.error(error instanceof Error ? sentencesOf(error) : error)
  process.exit(1)
}
process.exit(0)

function read(): Config {
  try {
    return readConfig()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error([error.message, ...error.faults].join('\n  '))
    process.exit(2)
  }
}

async function run(config: Config): Promise<void> {
  const { openNode } = await import('./node.ts')
  const { inviteFirstOwner } = await import('./domain/enrolments.ts')
  const node = await openNode(config)
  try {
    const address = await node.listen()
    console.log(`${config.node} is at ${config.publicUrl.origin} and listens on ${address}`)
    const { recoveryFile } = node.context.keys
    if (recoveryFile !== undefined) console.log(recoveryReminder(recoveryFile))
    const owner = await inviteFirstOwner(node.context)
    if (owner)
      console.log(`Nobody is in it yet. This link, good for one use, makes you its owner:\n${owner.link}`)
    await interrupted
  } finally {
    await node.stop()
  }
}

function recoveryReminder(path: string): string {
  return `The recovery key of this node lies at ${path}.\nWrite it down or store it elsewhere; parley keys check --delete-file makes sure of it and takes the file away.\nWhoever takes the machine must not find it.`
}

/** An error and what caused it, for whoever has to mend it. */
function sentencesOf(error: Error): string {
  return error.cause instanceof Error ? `${error.message}\n${sentencesOf(error.cause)}` : error.message
}
