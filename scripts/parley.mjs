#!/usr/bin/env node
// The parley command. Plain JavaScript, so that an old Node gets this far and can hand over.

import { fileURLToPath } from 'node:url'
import { handOver, isNewEnough, nodeMajorMin } from './hand-over.mjs'

if (isNewEnough()) {
  await import('../server/cli/main.ts')
} else if (!handOver([fileURLToPath(import.meta.url), ...process.argv.slice(2)])) {
  console.error(
    `Parley needs Node ${nodeMajorMin} or later, and this is ${process.versions.node}. Run npm ci first.`,
  )
  process.exitCode = 1
}
