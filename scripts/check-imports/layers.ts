// Who may import whom. A file belongs to the layer with the longest path above it,
// and may import its own layer and those that are named; so a folder inside another
// is a layer of its own here exactly when it has other rights.

export type Layer = {
  readonly path: string
  /** Layers. */
  readonly imports: readonly string[]
  /** Layers of which it may know the types only. */
  readonly types?: readonly string[]
  /** From npm; a scope stands for everything in it. */
  readonly packages: readonly string[]
  /** What Node brings. */
  readonly builtins: readonly string[] | 'all'
  /** An adapter: time, chance, settings and the network come in here, and nowhere else. */
  readonly impure?: true
}

const pure = [
  'node:assert',
  'node:buffer',
  'node:crypto',
  'node:events',
  'node:path',
  'node:stream',
  'node:util',
]
const protocol = ['schema', 'federation']
const data = [...protocol, 'server/ports', 'server/refusal.ts', 'server/db']
const rulings = ['server/policy/decide.ts', 'server/policy/effective.ts', 'server/policy/record.ts']
const log = [...data, ...rulings, 'server/log']
const useCases = [
  ...log,
  'server/context.ts',
  'server/vouch.ts',
  'server/mail',
  'server/policy',
  'server/domain',
  'server/peers',
]
const web = ['fastify', '@fastify', 'fastify-type-provider-zod', 'zod']
const start = ['server/config.ts', 'server/node.ts', 'server/app.ts', 'server/data-directory.ts']
const shells = [
  'server/routes',
  'server/routes/web.ts',
  'server/routes/stream.ts',
  'server/realtime',
  'server/cli',
]
const whole = [
  ...useCases,
  ...start,
  ...shells,
  'federation/transport',
  'server/db/embedded',
  'server/db/embedded.ts',
]

export const layers: readonly Layer[] = [
  // What is said. It runs in browsers too.
  { path: 'schema', imports: [], packages: ['zod'], builtins: [] },

  // The protocol.
  { path: 'federation', imports: ['schema'], packages: ['zod', 'jose', 'tr46'], builtins: ['node:crypto'] },
  {
    path: 'federation/transport',
    imports: protocol,
    packages: ['undici', 'ipaddr.js', 'jose'],
    builtins: 'all',
    impure: true,
  },

  // One node, from the bottom up.
  { path: 'server/refusal.ts', imports: ['schema'], packages: [], builtins: [] },
  { path: 'server/data-directory.ts', imports: [], packages: [], builtins: ['node:path'] },
  {
    path: 'server/ports',
    imports: [...protocol, 'federation/transport'],
    packages: ['pino', 'pg', 'nodemailer', '@simplewebauthn'],
    builtins: 'all',
    impure: true,
  },
  { path: 'server/db/embedded', imports: [], packages: ['pg'], builtins: 'all', impure: true },
  {
    path: 'server/db/embedded.ts',
    imports: ['server/db/embedded'],
    packages: [],
    builtins: 'all',
    impure: true,
  },
  { path: 'server/db', imports: [...protocol, 'server/ports'], packages: ['kysely', 'pg'], builtins: pure },
  // What a policy makes of facts: pure, and asked by effects too.
  { path: 'server/policy/decide.ts', imports: ['schema'], packages: [], builtins: [] },
  { path: 'server/policy/effective.ts', imports: data, packages: [], builtins: pure },
  {
    path: 'server/policy/record.ts',
    imports: [...data, 'server/policy/decide.ts'],
    packages: [],
    builtins: pure,
  },
  { path: 'server/log', imports: [...data, ...rulings], packages: [], builtins: pure },
  {
    path: 'server/context.ts',
    imports: log,
    types: ['server/config.ts', 'federation/transport'],
    packages: [],
    builtins: pure,
  },
  { path: 'server/vouch.ts', imports: [...log, 'server/context.ts'], packages: [], builtins: pure },
  // The outbox of letters: whoever decides something may have to write to somebody.
  {
    path: 'server/mail',
    imports: [...log, 'server/context.ts', 'server/domain/tokens.ts'],
    packages: [],
    builtins: pure,
  },
  { path: 'server/domain/tokens.ts', imports: ['server/ports'], packages: [], builtins: pure },
  // What the workspace allows: use cases and the work with peers decide by it alike.
  {
    path: 'server/policy',
    imports: [...log, 'server/context.ts', 'server/mail', 'server/vouch.ts'],
    packages: [],
    builtins: pure,
  },
  {
    path: 'server/domain',
    imports: [
      ...log,
      'server/context.ts',
      'server/vouch.ts',
      'server/mail',
      'server/policy',
      'server/domain/tokens.ts',
    ],
    packages: [],
    builtins: pure,
  },
  {
    path: 'server/peers',
    imports: [
      ...log,
      'server/context.ts',
      'server/vouch.ts',
      'server/mail',
      'server/policy',
      'server/domain/tokens.ts',
    ],
    types: ['federation/transport'],
    packages: [],
    builtins: pure,
  },

  // Shells, side by side.
  { path: 'server/routes', imports: useCases, packages: web, builtins: pure },
  // Serves the files of the page.
  { path: 'server/routes/web.ts', imports: ['server/routes'], packages: web, builtins: 'all', impure: true },
  {
    path: 'server/routes/stream.ts',
    imports: [...useCases, 'server/routes', 'server/realtime'],
    packages: [...web, 'ws'],
    builtins: pure,
  },
  { path: 'server/realtime', imports: useCases, packages: ['@fastify/websocket', 'ws'], builtins: pure },
  {
    path: 'server/cli',
    imports: [...useCases, ...start, 'server/db/embedded.ts', 'federation/transport'],
    packages: ['commander', 'kysely'],
    builtins: 'all',
  },

  // Composition and process.
  {
    path: 'server/config.ts',
    imports: [...protocol, 'server/data-directory.ts'],
    packages: ['zod'],
    builtins: 'all',
    impure: true,
  },
  { path: 'server/app.ts', imports: whole, packages: web, builtins: 'all' },
  { path: 'server/node.ts', imports: whole, packages: [], builtins: 'all' },
  { path: 'server/main.ts', imports: whole, packages: [], builtins: 'all', impure: true },
  { path: 'server/cli/main.ts', imports: whole, packages: ['commander'], builtins: 'all', impure: true },

  // Around it.
  { path: 'web', imports: ['schema'], packages: ['*'], builtins: [], impure: true },
  { path: 'scripts', imports: [...whole, 'server/main.ts'], packages: ['*'], builtins: 'all', impure: true },
  {
    path: 'scripts/simulate.ts',
    imports: ['scripts', 'test'],
    packages: [],
    builtins: 'all',
    impure: true,
  },
  {
    path: 'test',
    imports: [...whole, 'server/main.ts', 'scripts'],
    packages: ['*'],
    builtins: 'all',
    impure: true,
  },
]

export function layerOf(path: string): Layer | undefined {
  return layers
    .filter((layer) => isWithin(path, layer.path))
    .toSorted((a, b) => b.path.length - a.path.length)[0]
}

export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}
