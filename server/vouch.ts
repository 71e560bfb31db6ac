import { signIdentity } from '#federation/identity.ts'
import type { UserId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { defaultPolicy, type ProfileField } from '#schema/policy.ts'
import type { Identity } from '#schema/wire/identity.ts'
import type { Context } from './context.ts'
import { holdVouching, listVouchedFor, putVouching, type Vouching } from './db/identities.ts'
import type { Db } from './db/open.ts'
import { getWorkspacePolicy } from './db/policies.ts'
import { raiseVersions } from './db/users.ts'

// The documents in which we vouch for our users. Nothing is kept: under one version only the dates differ, which is how
// a node renews them (I4). So whatever changes what they state raises the version in the same transaction.

/** Such a document, signed now. */
export async function signedIdentity(context: Context, db: Db, user: UserId): Promise<string> {
  const [document] = await signedIdentities(context, db, [user])
  if (!document) throw new Error('Nobody can be vouched for who is not there.')
  return document.jws
}

export type Vouched = {
  readonly user: UserId
  readonly version: number
  readonly expiresAt: number
  readonly jws: string
}

export async function signedIdentities(
  context: Context,
  db: Db,
  users: readonly UserId[],
): Promise<Vouched[]> {
  const rows = await listVouchedFor(db, users)
  const iat = Math.floor(context.clock.now() / 1000)
  const exp = iat + limits.identityLifeSeconds
  return rows.map((row) => {
    const { id: sub, identityVersion: ver } = row
    const jws = signIdentity(
      { v: 1, iss: context.node, iat, exp, sub, ver, ...statedOf(context, row) },
      context.keys.signer,
    )
    return { user: sub, version: ver, expiresAt: exp * 1000, jws }
  })
}

type Stated = Pick<Identity, 'kind' | 'name' | 'org' | 'title' | 'time_zone' | 'status_text' | 'status'>

/** Of somebody who has gone no more than it takes to say so. */
function statedOf(context: Context, row: Awaited<ReturnType<typeof listVouchedFor>>[number]): Stated {
  const { kind, name, status } = row
  if (status !== 'active') return { kind, name, status }
  const shown = new Set(row.fields === null ? defaultPolicy.profileFields : fieldsOf(row.fields))
  const company = row.fields === null ? context.config.organisation : row.company
  return {
    kind,
    name,
    ...field('org', shown.has('organisation') ? company : null),
    ...field('title', shown.has('title') ? row.title : null),
    ...field('time_zone', shown.has('timeZone') ? row.timeZone : null),
    ...field('status_text', shown.has('statusText') ? row.statusText : null),
    status,
  }
}

function field<K extends string>(name: K, value: string | null | undefined): { [P in K]?: string } {
  return (value === null || value === undefined ? {} : { [name]: value }) as { [P in K]?: string }
}

export function fieldsOf(fields: string): ProfileField[] {
  return JSON.parse(fields) as ProfileField[]
}

/**
 * Brings what our documents state into line with policy and settings. Until it has, they state what they did, so that
 * no two processes and no moment in between make two documents of one version that differ.
 */
export async function restate(context: Context): Promise<void> {
  const { profileFields } = await getWorkspacePolicy(context.db)
  const wanted: Vouching = {
    fields: JSON.stringify([...profileFields].toSorted()),
    organisation: context.config.organisation ?? null,
  }
  await context.db.transaction().execute(async (tx) => {
    const stated = await holdVouching(tx)
    if (stated?.fields === wanted.fields && stated.organisation === wanted.organisation) return
    await putVouching(tx, wanted)
    await raiseVersions(tx, context.node)
  })
}
