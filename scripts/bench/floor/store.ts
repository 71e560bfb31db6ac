import pg from 'pg'
import type { Entry } from './space.ts'

const tables = `
  create table if not exists space (
    id text primary key, host text not null, head bigint not null default 0, hash text not null default ''
  );
  create table if not exists entry (
    space_id text not null, seq bigint not null, id text not null, raw bytea not null,
    primary key (space_id, seq), unique (space_id, id)
  );
  create table if not exists cursor (
    peer text not null, space_id text not null, acked bigint not null, primary key (peer, space_id)
  )`

// Everything that waits goes down in one statement: their number is the cost, not that of the rows.
const insertion = `
  with inserted as (
    insert into entry select * from unnest($1::text[], $2::bigint[], $3::text[], $4::bytea[])
    on conflict do nothing
  )
  update space set head = moved.seq, hash = moved.hash
  from unnest($5::text[], $6::bigint[], $7::text[]) as moved (id, seq, hash)
  where space.id = moved.id`

const cursorUpdate = `
  insert into cursor select $1, * from unnest($2::text[], $3::bigint[])
  on conflict (peer, space_id) do update set acked = excluded.acked`

export type Store = {
  insertSpace(id: string, host: string): Promise<void>
  /** Returns when it is on disk. */
  insert(entries: readonly Entry[]): Promise<void>
  /** Returns before it is on disk: the host has it there, and after a crash a replica asks again. */
  insertReplicated(entries: readonly Entry[]): Promise<void>
  moveCursors(peer: string, acked: ReadonlyMap<string, number>): Promise<void>
}

export async function openStore(url: string): Promise<Store> {
  const durable = await connect(url)
  const hasty = await connect(url, '-c synchronous_commit=off')
  await durable.query(tables)
  return {
    async insertSpace(id, host) {
      await durable.query('insert into space (id, host) values ($1, $2)', [id, host])
    },
    insert: async (entries) => await insertInto(durable, entries),
    insertReplicated: async (entries) => await insertInto(hasty, entries),
    async moveCursors(peer, acked) {
      const values = [peer, [...acked.keys()], [...acked.values()]]
      await hasty.query({ name: 'cursors', text: cursorUpdate, values })
    },
  }
}

async function connect(url: string, options = ''): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, options })
  await client.connect()
  return client
}

async function insertInto(client: pg.Client, entries: readonly Entry[]): Promise<void> {
  // The last entry of a space stays, and is its head.
  const heads = [...new Map(entries.map((entry) => [entry.space.id, entry])).values()]
  const values = [
    entries.map((entry) => entry.space.id),
    entries.map((entry) => entry.seq),
    entries.map((entry) => entry.id),
    entries.map((entry) => entry.raw),
    heads.map((entry) => entry.space.id),
    heads.map((entry) => entry.seq),
    heads.map((entry) => entry.hash),
  ]
  await client.query({ name: 'insertion', text: insertion, values })
}
