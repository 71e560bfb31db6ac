import pg from 'pg'
import { printTable } from './report.ts'

// Where the time of PostgreSQL goes, by statement. Its times are those of the clock, waits included, so they say
// which statements are dear and not what they cost to the microsecond.

export const statementSettings = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track_planning': 'on',
}

const query = `
  select calls, total_exec_time + total_plan_time as total, plans, rows,
    mean_exec_time * 1000 as execution, mean_plan_time * 1000 as planning,
    regexp_replace(query, '\\s+', ' ', 'g') as text
  from pg_stat_statements where query !~* '^\\s*create' order by total desc limit 25`

type Row = {
  readonly calls: string
  readonly total: number
  readonly plans: string
  readonly rows: string
  readonly execution: number
  readonly planning: number
  readonly text: string
}

const textCharactersMax = 110

export async function printStatements(url: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    await client.query('create extension if not exists pg_stat_statements')
    const { rows } = await client.query<Row>(query)
    const all = rows.reduce((sum, row) => sum + row.total, 0)
    console.log('\nBy statement')
    printTable(
      ['share', 'calls', 'rows', 'execution µs', 'plans', 'planning µs', ''],
      rows.map((row) => [
        `${((row.total / all) * 100).toFixed(1)} %`,
        row.calls,
        row.rows,
        row.execution.toFixed(0),
        row.plans,
        row.planning.toFixed(0),
        row.text.slice(0, textCharactersMax),
      ]),
    )
  } finally {
    await client.end()
  }
}
