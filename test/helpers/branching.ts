import type { Branches } from '#schema/api/branches.ts'
import type { Network } from './network.ts'
import type { Answer, Person } from './person.ts'

// What administrators do about a log that has branched, in the words of the tests.

export type Place = { readonly seq: number; readonly hash: string }

export const branchesOf = async (person: Person, space: string): Promise<Branches> =>
  await person.get<Branches>(`/api/spaces/${space}/branches`)

/** Where a log ends now. */
export const headOf = async (person: Person, space: string): Promise<Place> =>
  (await branchesOf(person, space)).head

export async function choose(
  person: Person,
  space: string,
  { seq, hash, from }: Place & { readonly from?: string },
): Promise<Answer> {
  const body = from === undefined ? { seq, hash } : { seq, hash, from }
  return await person.ask('POST', `/api/spaces/${space}/epoch`, body)
}

export async function take(
  person: Person,
  space: string,
  { epoch, hash }: { readonly epoch: number; readonly hash: string },
): Promise<Answer> {
  return await person.ask('PUT', `/api/spaces/${space}/epoch`, { epoch, hash })
}

export async function offeredTo(
  net: Network,
  person: Person,
  space: string,
  withinMs = 10 * 60_000,
): Promise<NonNullable<Branches['offered']>> {
  const offered = async (): Promise<Branches['offered']> =>
    (await person.get<Branches>(`/api/spaces/${space}/branches`)).offered
  await net.eventually(
    `${person.handle} is offered an epoch`,
    async () => (await offered()) !== null,
    withinMs,
  )
  return (await offered())!
}
