import { sql } from 'kysely'
import type { Tx } from './open.ts'

// Nonces of signed requests that change something, for as long as their signatures could be used again (S11).

export type Nonce = { readonly kid: string; readonly nonce: string; readonly at: number }

/**
 * Takes nonces that were not taken before, and returns those. Losing them in a crash is harmless, since what a
 * request changes is idempotent by what is signed inside it; so nobody waits for the disk here.
 */
export async function takeNonces(tx: Tx, nonces: readonly Nonce[]): Promise<Omit<Nonce, 'at'>[]> {
  const { rows } = await sql<Omit<Nonce, 'at'>>`
    with relaxed as (select set_config('synchronous_commit', 'off', true))
    insert into nonce (kid, nonce, at)
    select kid, nonce, at from relaxed, unnest(
      ${nonces.map((each) => each.kid)}::text[],
      ${nonces.map((each) => each.nonce)}::text[],
      ${nonces.map((each) => each.at)}::bigint[]
    ) as given (kid, nonce, at)
    on conflict do nothing returning kid, nonce
  `.execute(tx)
  return rows
}

export async function deleteNonces(tx: Tx, before: number): Promise<void> {
  await tx.deleteFrom('nonce').where('at', '<', before).execute()
}
