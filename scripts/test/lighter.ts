import { registerHooks } from 'node:module'

// Loaded before tap in each test process. It leaves out what tap brings along and no test here uses: a hook on every
// promise, a fifth of all CPU, to tell which test an error belongs to that nothing waits for (such an error ends the
// process now, and fails the file), and the loaders for coverage and for replaced modules. docs/decisions/0152.

const unused = [
  { module: /^async-hook-domain$/, instead: 'export class Domain { destroy() {} }' },
  { module: /\/@tapjs\/(mock|processinfo)\/dist\/esm\/import\.mjs$/, instead: '' },
]

registerHooks({
  resolve(specifier, context, next) {
    const found = unused.find(({ module }) => module.test(specifier))
    if (!found) return next(specifier, context)
    return { url: `data:text/javascript,${encodeURIComponent(found.instead)}`, shortCircuit: true }
  },
})
