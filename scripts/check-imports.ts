import { checkTree } from './check-imports/check.ts'

// The architecture as a check: node scripts/check-imports.ts [root]
// The tables to edit are check-imports/layers.ts and check-imports/calls.ts.

const [root = '.'] = process.argv.slice(2)
const complaints = checkTree(root)
for (const complaint of complaints) console.error(complaint)
process.exitCode = complaints.length > 0 ? 1 : 0
