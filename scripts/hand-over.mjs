import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const nodeMajorMin = 26

const bundled = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))

export function isNewEnough() {
  return Number.parseInt(process.versions.node, 10) >= nodeMajorMin
}

/** Goes on in the Node that is installed here; false when there is none. */
export function handOver(args) {
  const program = existsSync(bundled) ? bundled : isNewEnough() && process.execPath
  if (!program) return false
  const successor = spawn(program, args, { stdio: 'inherit' })
  // Ctrl-C has reached it already, and it decides how to end.
  process.on('SIGINT', () => {})
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => successor.kill(signal))
  successor.on('exit', (code) => (process.exitCode = code ?? 1))
  return true
}
