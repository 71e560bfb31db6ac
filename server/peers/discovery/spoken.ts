import { readDocument } from '#federation/document.ts'
import { statementKind } from '#federation/statement.ts'
import { protocolVersions, speaks } from '#federation/version.ts'
import type { NodeId } from '#schema/ids.ts'
import type { Statement } from '#schema/wire/statement.ts'
import type { Context } from '#server/context.ts'
import type { PeerRow } from '#server/db/peers.ts'
import { Bounded, perNode } from '../per-node.ts'

// Which versions and features a peer has, by the statement that is pinned of it.

type Spoken = Pick<Statement, 'versions' | 'features'>

const memoryOf = perNode(() => new Bounded<NodeId, Spoken & { readonly statementVersion: number }>(1_000))

/** The versions of a peer when it speaks none that we do, which is why nothing can be said to it (Q9). */
export function foreignVersions(context: Context, peer: PeerRow): readonly string[] | undefined {
  const kept = memoryOf(context).get(peer.node)
  const known = kept?.statementVersion === peer.statementVersion ? kept : undefined
  const { versions, features } = known ?? spokenIn(peer.statement)
  if (!known) {
    const { statementVersion } = peer
    memoryOf(context).set(peer.node, { statementVersion, versions, features })
  }
  return versions.some(speaks) ? undefined : versions
}

/** The versions that a pinned statement names. */
export function versionsIn({ statement }: Pick<PeerRow, 'statement'>): readonly string[] {
  return spokenIn(statement).versions
}

/** What an earlier statement named and a later one does not. */
export function goneSince(earlier: string, later: string): string[] {
  const before = spokenIn(earlier)
  const now = spokenIn(later)
  return [
    ...before.features.filter((feature) => !now.features.includes(feature)),
    ...before.versions.filter((version) => !now.versions.includes(version)),
  ]
}

function spokenIn(statement: string): Spoken {
  const document = readDocument(statement, statementKind)
  if (!document.ok) throw new Error('A pinned statement is not valid.')
  return document.value.payload
}

/** As the header of our requests names it. */
export const spokenVersion = protocolVersions[0]
