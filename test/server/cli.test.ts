import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import t from 'tap'
import { insertExchanges, type ExchangeRow } from '#server/db/exchanges.ts'
import { openDb } from '#server/db/open.ts'
import { Activity } from '#server/ports/activity.ts'
import { openLogger } from '#server/ports/logger.ts'
import { parley } from '../helpers/command.ts'
import { createTestDatabase } from '../helpers/database.ts'
import { testNode } from '../helpers/node.ts'

t.test(
  '[C1] what is not understood ends with 2, says what is wrong and what is nearest, and nothing else',
  async (t) => {
    const cases: [args: string[], wrong: RegExp, nearest: RegExp][] = [
      [['lgo'], /unknown command 'lgo'/, /Did you mean log\?/],
      [['log', '--jsno'], /unknown option '--jsno'/, /Did you mean --json\?/],
      [['log', '--limit'], /option '--limit <count>' argument missing/, /^/],
      [['log', '--limit', 'many'], /argument 'many' is invalid/, /from 1 to 10000/],
      [
        ['log', '--peer', 'not a domain'],
        /"not a domain" is not the domain of a node/,
        /--peer globex\.example/,
      ],
      [['log', '--node', 'acme'], /no demo of this checkout/, /npm start/],
      [['log', 'everything'], /too many arguments/, /^/],
      [['enrol'], /links for owners only/, /parley enrol --owner/],
    ]
    const nowhere = temporaryDirectory()
    t.teardown(() => rmSync(nowhere, { recursive: true }))
    for (const [args, wrong, nearest] of cases) {
      const { code, out, complaint } = await parley(args, { PARLEY_DATA: nowhere })
      t.equal(code, 2, args.join(' '))
      t.equal(out, '')
      t.match(complaint, wrong)
      t.match(complaint, nearest)
      t.ok(complaint.trim().split('\n').length <= 2, 'in two lines at most')
    }
  },
)

t.test('[C6] a database that cannot be reached ends with 5, with host, port and reason', async (t) => {
  const closed = await parley(['log'], { DATABASE_URL: 'postgres://somebody:secret@127.0.0.1:1/parley' })
  t.equal(closed.code, 5)
  t.match(closed.complaint, /127\.0\.0\.1 port 1 cannot be reached\.\n.*ECONNREFUSED/)
  t.notMatch(closed.complaint, /secret/)

  const empty = temporaryDirectory()
  t.teardown(() => rmSync(empty, { recursive: true }))
  const none = await parley(['log'], { PARLEY_DATA: empty })
  t.equal(none.code, 5)
  t.match(none.complaint, `There is no database in ${empty}.`)
})

t.test('parley verify says whether the logs are whole', async (t) => {
  await using database = await createTestDatabase()
  const whole = await parley(['verify'], { DATABASE_URL: database.url })
  t.match(whole, { code: 0, out: '0 logs with 0 entries are whole.\n', complaint: '' })
  const db = openDb({
    url: database.url,
    connectionsMax: 1,
    activity: new Activity(),
    logger: openLogger('silent'),
  })
  const space = `s_${'E'.repeat(43)}`
  await sql`
    insert into space (id, kind, host, epoch, starter, head_seq, head_hash, head_at, created_at)
    values (${space}, 'thread', 'acme.test', 1, 'u', 3, 'lost', 0, 0)
  `.execute(db)
  await db.destroy()
  const broken = await parley(['verify'], { DATABASE_URL: database.url })
  t.match(broken, { code: 1, out: `${space} entry 1: it is missing\n`, complaint: /1 of 1 logs are damaged/ })
})

t.test('parley log', async (t) => {
  await using database = await createTestDatabase()
  await fill(database.url)
  const env = { DATABASE_URL: database.url }

  await t.test(
    'prints the exchanges in columns, newest last, without colour where nobody sees it',
    async (t) => {
      const { code, out, complaint } = await parley(['log'], env)
      t.equal(code, 0)
      t.equal(complaint, '')
      const [head, ...lines] = out.trimEnd().split('\n')
      t.match(head, /^TIME \(UTC\) +DIR +PEER +ROUTE +STATUS +VERDICT +REASON +MS +IN +OUT$/)
      t.match(
        lines[0],
        /^2027-01-15 08:00:01\.000 +in +globex\.example +POST \/v1\/spaces\/:space\/entries +200 +accepted +- +1\.5 +2048 +512$/,
      )
      t.match(lines[1], /out +globex\.example +POST \/v1\/invites +- +failed +timeout-connect +/)
      t.match(lines[2], / in +initech\.example .* 403 +refused +refused: stranger +/)
      t.notMatch(out, '\u001B')
      const columnOf = (line: string | undefined, word: string): number => line?.indexOf(word) ?? -1
      t.equal(columnOf(lines[1], 'failed'), columnOf(head, 'VERDICT'), 'aligned')
    },
  )

  await t.test('prints one object a line with --json, always with the same members', async (t) => {
    const { out } = await parley(['log', '--json'], env)
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    t.equal(rows.length, 3)
    for (const row of rows) {
      t.equal(
        Object.keys(row).join(' '),
        'id at direction peer method route lane spaceId status verdict code reason detail ' +
          'durationMs bytesIn bytesOut kid clockDeltaMs attempt pauseMs instance',
      )
    }
    t.match(rows[2], {
      peer: 'initech.example',
      status: 403,
      verdict: 'refused',
      code: 'stranger',
      spaceId: null,
    })
  })

  await t.test('shows one peer only, and the newest few only', async (t) => {
    const one = await parley(['log', '--json', '--peer', 'globex.example'], env)
    t.equal(one.out.trimEnd().split('\n').length, 2)
    const last = await parley(['log', '--json', '--limit', '1'], env)
    t.match(JSON.parse(last.out), { peer: 'initech.example' })
    const stranger = await parley(['log', '--peer', 'unknown.example'], env)
    t.equal(stranger.out, 'No exchanges yet.\n')
  })

  await t.test('[C5] ends quietly when whoever reads it stops', async (t) => {
    const { code, complaint } = await parley(['log', '--follow'], env, (child) => child.stdout?.destroy())
    t.equal(code, 0)
    t.equal(complaint, '')
  })
})

t.test('parley mail prints the mails that wait, with what one needs of them', async (t) => {
  await using node = await testNode()
  const alice = await node.signUp('alice')
  await alice.post('/api/enrolments', { email: 'bob@acme.test' })
  const { databaseUrl } = node.context.config
  const env = { DATABASE_URL: databaseUrl, PARLEY_NODE_ID: 'acme.localhost' }
  const { code, out } = await parley(['mail'], env)
  t.equal(code, 0)
  t.match(out, /to bob@acme\.test: Your account at acme\.localhost/)
  t.match(out, /http:\/\/acme\.localhost:4000\/#join=[\w-]{43}/)
  const [row] = (await parley(['mail', '--json'], env)).out.trimEnd().split('\n')
  t.match(JSON.parse(row!), { kind: 'enrolment', address: 'bob@acme.test', failures: 0 })
  await node.context.db.deleteFrom('mail').execute()
  t.equal((await parley(['mail'], env)).out, 'No mails wait.\n')
})

async function fill(url: string): Promise<void> {
  const db = openDb({ url, connectionsMax: 1, activity: new Activity(), logger: openLogger('silent') })
  const rows = [
    exchange(1, { direction: 'in', status: 200, verdict: 'accepted' }),
    exchange(2, { route: '/v1/invites', status: null, verdict: 'failed', reason: 'timeout-connect' }),
    exchange(3, {
      direction: 'in',
      peer: 'initech.example',
      status: 403,
      verdict: 'refused',
      reason: 'refused',
      code: 'stranger',
    }),
  ]
  await db.transaction().execute(async (tx) => await insertExchanges(tx, rows))
  await db.destroy()
}

function exchange(n: number, row: Partial<ExchangeRow>): ExchangeRow {
  return {
    id: `01a20cc6-b16d-7ae7-a963-00000000000${n}`,
    at: Date.UTC(2027, 0, 15, 8, 0, n),
    direction: 'out',
    peer: 'globex.example',
    method: 'POST',
    route: '/v1/spaces/:space/entries',
    lane: 'log',
    spaceId: null,
    status: null,
    verdict: 'accepted',
    code: null,
    reason: null,
    detail: null,
    durationMs: 1.5,
    bytesIn: 2048,
    bytesOut: 512,
    kid: null,
    clockDeltaMs: null,
    attempt: 1,
    pauseMs: null,
    instance: null,
    ...row,
  }
}

function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'parley-cli-'))
}
