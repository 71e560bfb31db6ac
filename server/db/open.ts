import {
  CamelCasePlugin,
  Kysely,
  type KyselyPlugin,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  PostgresDialect,
  type PostgresPool,
  type QueryResult,
  type RootOperationNode,
  type Transaction,
  type UnknownRow,
} from 'kysely'
import pg from 'pg'
import type { Activity } from '#server/ports/activity.ts'
import type { Logger } from '#server/ports/logger.ts'
import type { Tables } from './tables.ts'

/** Reads take a Db. A transaction is one too, never the other way round. */
export type Db = Kysely<Tables>
/** Writes take a Tx, so a write outside a transaction does not compile. */
export type Tx = Transaction<Tables>

/**
 * For a write that is one statement, which PostgreSQL makes a transaction of by itself: two round trips less. A second
 * statement is a fault, since it would stand when the first does not.
 */
export function alone(db: Db): Tx {
  return db.withPlugin(new OneStatement()) as Tx
}

class OneStatement implements KyselyPlugin {
  #isUsed = false

  transformQuery({ node }: PluginTransformQueryArgs): RootOperationNode {
    if (this.#isUsed) throw new Error('Two statements need a transaction.')
    this.#isUsed = true
    return node
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return await Promise.resolve(result)
  }
}

// A bigint that is no safe integer would be rounded in silence. None of ours can be, so it is a fault.
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? readInt8 : pg.types.getTypeParser(oid, format),
}

function readInt8(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error('A bigint of the database is beyond 2^53.')
  return value
}

export type DbOptions = {
  readonly url: string
  readonly connectionsMax: number
  readonly activity: Activity
  readonly logger: Logger
  /** What a connection is; that of `pg` unless a simulation stands before every statement. */
  readonly client?: typeof pg.Client
}

// Statements are named and written so that one plan serves all their parameters: planning anew each time cost
// more than running them.
const sessionOptions = [
  'statement_timeout=10s',
  'lock_timeout=5s',
  'idle_in_transaction_session_timeout=30s',
  'plan_cache_mode=force_generic_plan',
  // What we answer and sign for is on disk, whatever the server's own setting is.
  'synchronous_commit=on',
]
  .map((setting) => `-c ${setting}`)
  .join(' ')

/** Opens the pool. `destroy` on what it returns closes it. */
export function openDb({ url, connectionsMax, activity, logger, client }: DbOptions): Db {
  const pool = new pg.Pool({
    ...(client && { Client: client }),
    connectionString: url,
    max: connectionsMax,
    types,
    application_name: 'parley',
    options: sessionOptions,
    connectionTimeoutMillis: 10_000,
  })
  // The pool counts itself as ended before its last connections are, so an embedded server may still cut them.
  const warn = (error: Error, sentence: string): void => {
    if (!pool.ending) logger.warn({ err: error }, sentence)
  }
  // Without a listener the death of PostgreSQL would be an uncaught event, and ours too.
  pool.on('error', (error) => warn(error, 'An idle database connection broke.'))
  pool.on('connect', (client) => {
    client.on('error', (error) => warn(error, 'A database connection broke.'))
    nameStatements(client, activity)
  })
  const connect = pool.connect.bind(pool) as () => Promise<pg.PoolClient>
  const counted: PostgresPool = {
    options: pool.options,
    connect: async () => await activity.track(connect()),
    end: async () => await pool.end(),
  }
  return new Kysely<Tables>({
    dialect: new PostgresDialect({ pool: counted }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  })
}

const statementNames = new Map<string, string>()
const statementNamesMax = 500

/** A name for a statement's text, so that PostgreSQL parses and plans it once per connection. */
function nameOf(text: string): string | undefined {
  const known = statementNames.get(text)
  if (known !== undefined || statementNames.size >= statementNamesMax) return known
  const name = `s${statementNames.size}`
  statementNames.set(text, name)
  return name
}

// kysely does not name statements, and `pg` asks for it per query: so the client is taught here, once, for all.
function nameStatements(client: pg.PoolClient, activity: Activity): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown
  client.query = ((first: unknown, values?: unknown, ...rest: unknown[]) => {
    const isStatement = typeof first === 'string' && Array.isArray(values) && rest.length === 0
    const name = isStatement && values.length > 0 ? nameOf(first) : undefined
    const result = name === undefined ? query(first, values, ...rest) : query({ name, text: first, values })
    return result instanceof Promise ? activity.track(result) : result
  }) as typeof client.query
}
