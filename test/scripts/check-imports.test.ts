import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { checkTree } from '../../scripts/check-imports/check.ts'

type Tree = Readonly<Record<string, string>>

// One file for each layer that the planted ones lean on, all within the rules.
const clean: Tree = {
  'schema/ids.ts': "import { z } from 'zod'\nexport const Id = z.strictObject({ id: z.string() })\n",
  'schema/wire/entry.ts': "import { z } from 'zod'\nexport const Entry = z.object({ seq: z.int() })\n",
  'federation/chain.ts': "import { createHash } from 'node:crypto'\nexport { Id } from '#schema/ids.ts'\n",
  'federation/transport/undici.ts': "import { Agent } from 'undici'\nsetTimeout(() => new Agent(), 1)\n",
  'federation/transport/client.ts': "import { errors } from 'undici'\nimport { isIP } from 'node:net'\n",
  'server/ports/clock.ts': 'export const clock = { now: () => Date.now() }\n',
  'server/db/spaces.ts': "import { sql } from 'kysely'\nimport { clock } from '#server/ports/clock.ts'\n",
  'server/log/append.ts': "import { chain } from '#federation/chain.ts'\nimport '#server/db/spaces.ts'\n",
  'server/context.ts': "import type { Client } from '#federation/transport/client.ts'\n",
  'server/domain/threads.ts': [
    "import type { Context } from '#server/context.ts'",
    '// Date.now() and fetch() may be spoken of.',
    'export const startedAt = (context: Context) => new Date(context.clock.now())',
    "export const address = 'https://acme.example'",
  ].join('\n'),
  'server/peers/log/deliver.ts': "import type { Client } from '#federation/transport/client.ts'\n",
  'server/realtime/hub.ts': 'export const hub = new Map()\n',
  'server/routes/api/threads.ts': "import type { FastifyInstance } from 'fastify'\n",
  'server/routes/stream.ts': "import { hub } from '../realtime/hub.ts'\n",
  'scripts/tool.ts': "import { hub } from '#server/realtime/hub.ts'\nfetch(process.env['URL'])\n",
  'test/server/threads.test.ts': "import '../../scripts/tool.ts'\n",
}

t.test('a clean tree has nothing to complain about', async (t) => {
  t.same(checkTree(plant(t, {})), [])
})

t.test('each kind of violation is caught, with its file and line', async (t) => {
  for (const [name, planted, complaint] of violations()) {
    const found = checkTree(plant(t, planted))
    t.match(found, [complaint], name)
    t.equal(found.length, 1, `${name}: and nothing else`)
  }
})

t.test('SSR-04: no way to the network is planted beside the one client', async (t) => {
  const uses = [
    'await fetch(address)',
    'await globalThis.fetch(address)',
    "await globalThis['fetch'](address)",
    'new WebSocket(address)',
    'new EventSource(address)',
    "import { get } from 'node:http'",
    "import * as https from 'node:https'",
    "const { request } = await import('node:https')",
    "import { connect } from 'node:http2'",
    "import { connect } from 'node:net'",
    "import { connect } from 'node:tls'",
    "import { createSocket } from 'node:dgram'",
    "import { lookup } from 'node:dns/promises'",
    "import { request } from 'undici'",
    "import { Agent, errors } from 'undici'",
    "const agent = new ProxyAgent('http://proxy')",
  ]
  const places = [
    'federation/x.ts',
    'federation/transport/x.ts',
    'server/ports/x.ts',
    'server/peers/x.ts',
    'server/domain/x.ts',
    'server/app.ts',
    'server/main.ts',
  ]
  for (const place of places) {
    for (const use of uses) {
      const found = checkTree(plant(t, { [place]: `\n${use}\n` }))
      t.ok(
        found.some((complaint) => complaint.startsWith(`${place}:2: `)),
        `${place}: ${use}`,
      )
    }
  }
})

t.test('the command fails for a tree with a violation, and says where', async (t) => {
  const program = fileURLToPath(new URL('../../scripts/check-imports.ts', import.meta.url))
  const run = (tree: Tree) => spawnSync(process.execPath, [program, plant(t, tree)], { encoding: 'utf8' })
  t.match(run({}), { status: 0, stderr: '' })
  t.match(run({ 'schema/a.ts': "import 'pg'\n" }), { status: 1, stderr: /^schema\/a\.ts:1: / })
})

type Violation = [name: string, planted: Tree, complaint: RegExp]

function violations(): Violation[] {
  return [...directions(), ...equipment(), ...shapes(), ...cycles(), ...calls()]
}

function directions(): Violation[] {
  const inDomain = (line: string): Tree => ({ 'server/domain/x.ts': `\n${line}\n` })
  const refused = starting('server/domain/x.ts:2: server/domain may not import')
  return [
    ['an import upwards', inDomain("import '#server/routes/api/threads.ts'"), refused],
    ['an import sideways', inDomain("import '#server/peers/log/deliver.ts'"), refused],
    ['a type from above', inDomain("import type { A } from '#server/routes/api/threads.ts'"), refused],
    ['an import in a call', inDomain("await import('#server/peers/log/deliver.ts')"), refused],
    ['a re-export', inDomain("export { deliver } from '#server/peers/log/deliver.ts'"), refused],
    [
      'an import over several lines',
      inDomain("import {\n  x,\n} from '#server/peers/log/deliver.ts'"),
      refused,
    ],
    [
      'the transport in the pure protocol',
      { 'federation/x.ts': "import './transport/client.ts'\n" },
      starting('federation/x.ts:1: federation may not import'),
    ],
    [
      'more than a type of the transport',
      { 'server/peers/x.ts': "import { client } from '#federation/transport/client.ts'\n" },
      starting('server/peers/x.ts:1: server/peers may not import more than types'),
    ],
    [
      'realtime for another route than the stream',
      { 'server/routes/api/x.ts': "import '#server/realtime/hub.ts'\n" },
      starting('server/routes/api/x.ts:1: server/routes may not import'),
    ],
    [
      'the server in the browser',
      { 'web/x.ts': "import '#server/realtime/hub.ts'\n" },
      starting('web/x.ts:1: web may not import'),
    ],
    [
      'a script in the server',
      { 'server/app.ts': "import '../scripts/tool.ts'\n" },
      starting('server/app.ts:1: server/app.ts may not import'),
    ],
    [
      'a test in a script',
      { 'scripts/x.ts': "import '../test/server/threads.test.ts'\n" },
      starting('scripts/x.ts:1: scripts may not import'),
    ],
  ]
}

function equipment(): Violation[] {
  return [
    [
      'a package of another layer',
      { 'server/domain/x.ts': "import { sql } from 'kysely'\n" },
      starting('server/domain/x.ts:1: server/domain may not use the package kysely'),
    ],
    [
      'what Node brings, in the schema',
      { 'schema/x.ts': "import { join } from 'node:path'\n" },
      starting('schema/x.ts:1: schema may not use node:path'),
    ],
    [
      'Buffer in the schema',
      { 'schema/x.ts': 'export const x = Buffer.from([])\n' },
      starting('schema/x.ts:1: Buffer is not for this file'),
    ],
    [
      'the impure parts of Node',
      { 'server/domain/x.ts': "import { readFileSync } from 'node:fs'\n" },
      starting('server/domain/x.ts:1: server/domain may not use node:fs'),
    ],
    [
      'Node without its prefix',
      { 'server/domain/x.ts': "import { join } from 'path'\n" },
      starting('server/domain/x.ts:1: write node:path'),
    ],
  ]
}

function shapes(): Violation[] {
  return [
    [
      'a border crossed by a path',
      { 'server/routes/x.ts': "import '../../schema/ids.ts'\n" },
      starting('server/routes/x.ts:1: write #schema/ids.ts'),
    ],
    [
      'a file without a place',
      { 'server/utils/x.ts': '\n' },
      starting('server/utils/x.ts:1: has no place in'),
    ],
    [
      'a contract that drops members',
      { 'schema/api/x.ts': "import { z } from 'zod'\nexport const X = z.object({})\n" },
      starting('schema/api/x.ts:2: z.object('),
    ],
    [
      'a long file',
      { 'server/domain/x.ts': `${'\n'.repeat(400)}x\n` },
      starting('server/domain/x.ts:401: 401 lines'),
    ],
    [
      'a long test',
      { 'test/server/x.test.ts': `${'\n'.repeat(600)}x\n` },
      starting('test/server/x.test.ts:601: 601 lines'),
    ],
  ]
}

function cycles(): Violation[] {
  return [
    [
      'a cycle',
      { 'server/domain/a.ts': "import './b.ts'\n", 'server/domain/b.ts': "import './a.ts'\n" },
      / is part of a cycle: server\/domain\/a\.ts -> server\/domain\/b\.ts -> server\/domain\/a\.ts$/,
    ],
    [
      'a cycle of types',
      {
        'server/domain/a.ts': "import type { B } from './b.ts'\nexport type A = B\n",
        'server/domain/b.ts': "import type { A } from './a.ts'\nexport type B = A\n",
      },
      / is part of a cycle: /,
    ],
  ]
}

function calls(): Violation[] {
  const inCode = ['setTimeout(f, 1)', 'setInterval(f, 1)', 'setImmediate(f)', 'Date.now()', 'new Date()']
  inCode.push('performance.now()', 'Math.random()', 'randomBytes(8)', 'randomUUID()', 'fetch(address)')
  inCode.push('crypto.getRandomValues(a)', "process.env['HOME']")
  const inSql = ['now()', 'random()', 'clock_timestamp()', 'gen_random_uuid()', 'current_timestamp']
  return [
    ...inCode.map((text) => banned(text, 'server/domain/x.ts', `\n${text}\n`)),
    ...inSql.map((text) => banned(text, 'server/db/x.ts', `\nconst query = 'SELECT ${text}'\n`)),
  ]
}

function banned(name: string, path: string, text: string): Violation {
  return [name, { [path]: text }, new RegExp(`^${RegExp.escape(path)}:2: .* is not for this file: `)]
}

function starting(text: string): RegExp {
  return new RegExp(`^${RegExp.escape(text)}`)
}

function plant(t: Test, planted: Tree): string {
  const root = mkdtempSync(join(tmpdir(), 'parley-imports-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, text] of Object.entries({ ...clean, ...planted })) {
    mkdirSync(join(root, dirname(path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}
