import pg from 'pg'
import { openEmbedded } from '#server/db/embedded.ts'

// A process that owns an embedded PostgreSQL until it is killed; it says when it has it.

const logger = { info() {}, warn() {} }
const [dataDirectory = ''] = process.argv.slice(2)
const postgres = await openEmbedded({ dataDirectory, settings: { fsync: 'off' }, logger })
const client = new pg.Client(postgres.url)
await client.connect()
await client.query('CREATE TABLE IF NOT EXISTS note (text text)')
await client.query("INSERT INTO note VALUES ('written before the kill')")
console.log(postgres.pid)
// Its open connection keeps it here.
