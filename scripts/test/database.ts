import pg from 'pg'

// Databases of a test server. Each is named by the url it is to have.

export async function createDatabase(url: string, template = 'template1'): Promise<void> {
  await command(
    url,
    (name) => `CREATE DATABASE ${name} TEMPLATE ${pg.escapeIdentifier(template)} STRATEGY file_copy`,
  )
}

/** Also ends the connections that a test has left open. */
export async function dropDatabase(url: string): Promise<void> {
  await command(url, (name) => `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
}

export function databaseName(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1))
}

export function withDatabase(url: string, name: string): string {
  const other = new URL(url)
  other.pathname = `/${name}`
  return other.href
}

export async function listDatabases(url: string, prefix: string): Promise<string[]> {
  return await withClient(url, async (client) => {
    const found = await client.query('SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [
      prefix,
    ])
    return found.rows.map((row: { datname: string }) => row.datname)
  })
}

async function command(url: string, statement: (name: string) => string): Promise<void> {
  await withClient(withDatabase(url, 'postgres'), async (client) => {
    await client.query(statement(pg.escapeIdentifier(databaseName(url))))
  })
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url)
  client.on('error', () => {})
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}
