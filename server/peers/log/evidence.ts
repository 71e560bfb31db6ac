import { isDisputed, wasCutOff, type Written } from '#federation/dispute.ts'
import { readDocument } from '#federation/document.ts'
import { readContent, readHeaderForm } from '#federation/event.ts'
import { inviteResponseKind } from '#federation/invite.ts'
import { proofKind } from '#federation/log-documents.ts'
import type { OperationLog } from '#federation/operation-log.ts'
import { type Named, neverNamed } from '#federation/positions.ts'
import type { Audience } from '#federation/reach.ts'
import type { Evidence, Incoming } from '#federation/replica.ts'
import type { Member } from '#federation/state.ts'
import { hashOfJws, verifyJws } from '#federation/strict-jws.ts'
import type { MemberJoin } from '#schema/event/member-join.ts'
import { nodeOf, type Hash, type NodeId, type SpaceId, type UserId } from '#schema/ids.ts'
import type { Header, WireEvent } from '#schema/wire/event.ts'
import type { InviteResponse } from '#schema/wire/invite.ts'
import type { Context } from '#server/context.ts'
import type { AttestedRow } from '#server/db/attested.ts'
import { findEntryPlace, findKnown, findLastNamed, listEntries } from '#server/db/entries.ts'
import { listInvitedEver } from '#server/db/invited.ts'
import { findMemberAt } from '#server/db/members.ts'
import { findSpace } from '#server/db/spaces.ts'
import { Refusal } from '#server/refusal.ts'
import { alarmDaily } from '../alarm.ts'
import { awaitedKey, logOf } from '../discovery/past-keys.ts'

// Gathers what a batch is judged by: signatures verified, keys looked up, and what we hold of the groups that
// its entries lean on. All that is asynchronous happens here, so that the judging can be pure.

export type Gathered = Evidence & {
  readonly proofs: ReadonlyMap<Hash, string>
  readonly proofOf: (event: Hash) => Hash | undefined
  /** Groups whose history contradicts what the host says of it (A20). */
  readonly contradicted: readonly SpaceId[]
  /** What leans on a group of which our copy has not come so far. */
  readonly attested: readonly AttestedRow[]
}

export async function gatherEvidence(
  context: Context,
  space: SpaceId,
  batch: {
    readonly incoming: readonly Incoming[]
    readonly proofs: readonly string[]
    readonly head: number
  },
): Promise<Gathered> {
  const headers = new Map(batch.incoming.map(({ entry, wire }) => [entry.body.seq, headerOf(wire)]))
  const origins = new Set([...headers.values()].map((header) => header?.origin))
  const proofs = await readProofs(context, space, { texts: batch.proofs, origins })
  const responses = await readResponses(context, batch.incoming, headers)
  const known = await readKnown(context, space, batch)
  const audiences = await readAudiences(context, batch.incoming, headers)
  const logs = await readLogs(context, origins)
  const past = await readPast(context, space, { ...batch, headers })
  const kids = new Map(batch.incoming.map(({ entry: { body } }) => [body.event, body.kid]))
  const proofFor = (event: Hash, kid: Hash | null): Proof | undefined =>
    proofs.byEvent.get(event)?.find((proof) => proof.kid === kid)
  return {
    ...past,
    proofs: proofs.texts,
    proofOf: (event) => proofFor(event, kids.get(event) ?? null)?.hash,
    proves: (event, origin, kid) =>
      proofs.byEvent.get(event)?.some((proof) => proof.origin === origin && proof.kid === kid) ?? false,
    isDisputed: (origin, { body }) => {
      const log = logs.get(origin)
      return log !== undefined && isDisputed(log, body)
    },
    wasCutOff: (origin, { body }) => {
      const log = logs.get(origin)
      return log !== undefined && wasCutOff(log, body)
    },
    response: (jws) => responses.get(jws),
    knownHash: (seq) => known.get(seq),
    audience: (entry) => audiences.byEntry.get(entry.body.seq) ?? (() => undefined),
    contradicted: audiences.contradicted,
    attested: audiences.attested.filter(({ seq }) => seq > batch.head),
  }
}

/** The header, when it can be read; the judging says what is wrong with it otherwise. */
function headerOf(wire: WireEvent): Header | undefined {
  const header = readHeaderForm(wire.header)
  return header.ok ? header.value : undefined
}

type Headers = ReadonlyMap<number, Header | undefined>

type Proof = { readonly hash: Hash; readonly origin: NodeId; readonly kid: Hash }
/** An event can stand in several proofs: submitted again after a rotation, it is proved anew (E11). */
type Proofs = {
  readonly texts: ReadonlyMap<Hash, string>
  readonly byEvent: ReadonlyMap<Hash, readonly Proof[]>
}

/**
 * Verifies author proofs, one signature for all events of a submission. A key that we cannot look up now is no
 * reason to call an event unproved: the batch is held and comes again (A4).
 */
async function readProofs(
  context: Context,
  space: SpaceId,
  given: { readonly texts: readonly string[]; readonly origins: ReadonlySet<NodeId | undefined> },
): Promise<Proofs> {
  const texts = new Map<Hash, string>()
  const byEvent = new Map<Hash, Proof[]>()
  for (const text of given.texts) {
    const document = readDocument(text, proofKind)
    if (!document.ok) continue
    const { jws, payload } = document.value
    if (payload.space !== space || !given.origins.has(payload.iss)) continue
    const key = await awaitedKey(context, payload.iss, jws.header.kid)
    if (!key.ok) {
      if (payload.iss === context.node) await alarmForeign(context, space, jws.header.kid)
      throw new Refusal('busy', { detail: 'author-key' })
    }
    if (key.value === 'unknown' || !verifyJws(jws, key.value.key).ok) continue
    const hash = hashOfJws(jws)
    texts.set(hash, text)
    const proof = { hash, origin: payload.iss, kid: jws.header.kid }
    for (const event of payload.events) byEvent.set(event, [...(byEvent.get(event) ?? []), proof])
  }
  return { texts, byEvent }
}

/** The answers to invitations that joins stand on. Nothing else in a log makes us ask other nodes for keys. */
async function readResponses(
  context: Context,
  incoming: readonly Incoming[],
  headers: Headers,
): Promise<Map<string, InviteResponse>> {
  const responses = new Map<string, InviteResponse>()
  for (const { entry, wire } of incoming) {
    const header = headers.get(entry.body.seq)
    const content = header?.type === 'member.join' ? readContent(header, wire) : undefined
    const { user, response: text } = (content?.ok ? content.value : {}) as Partial<MemberJoin>
    if (user === undefined || text === undefined) continue
    const document = readDocument(text, inviteResponseKind)
    if (!document.ok) continue
    const { jws, payload } = document.value
    if (payload.iss !== nodeOf(user)) continue
    const key = await awaitedKey(context, payload.iss, jws.header.kid)
    if (!key.ok) throw new Refusal('busy', { detail: 'response-key' })
    const { kid } = jws.header
    const isGood =
      key.value === 'unknown'
        ? await wasCutOffAt(context, payload.iss, { kid, at: entry.body.at })
        : verifyJws(jws, key.value.key).ok
    if (isGood) responses.set(text, payload)
  }
  return responses
}

/** An entry in our name by a key that is not ours: somebody else has published keys under our domain. */
async function alarmForeign(context: Context, space: SpaceId, kid: Hash): Promise<void> {
  const detail = `an entry in our name is signed with the key ${kid}, which is not ours`
  await alarmDaily(context, { kind: 'own-key-unknown', peer: context.node, space, detail, freeze: false })
}

/** An answer by a key of a branch that a recovery cut off stands where the host put it in time (K19). */
export async function wasCutOffAt(context: Context, node: NodeId, written: Written): Promise<boolean> {
  const log = await logOf(context, node)
  return log !== undefined && wasCutOff(log, written)
}

/** The key histories of those who wrote, as far as a recovery is in them. */
async function readLogs(
  context: Context,
  origins: ReadonlySet<NodeId | undefined>,
): Promise<ReadonlyMap<NodeId, OperationLog>> {
  const logs = new Map<NodeId, OperationLog>()
  for (const origin of origins) {
    const log = origin && (await logOf(context, origin))
    if (log && log.recoveries.length > 0) logs.set(origin, log)
  }
  return logs
}

async function readKnown(
  context: Context,
  space: SpaceId,
  batch: { readonly incoming: readonly Incoming[]; readonly head: number },
): Promise<Map<number, Hash>> {
  const repeated = batch.incoming.map(({ entry }) => entry.body.seq).filter((seq) => seq <= batch.head)
  if (repeated.length === 0) return new Map()
  const after = Math.min(...repeated) - 1
  const rows = await listEntries(context.db, space, { after, limit: repeated.length })
  return new Map(rows.map((row) => [row.seq, row.hash]))
}

type Audiences = {
  readonly byEntry: ReadonlyMap<number, Audience>
  readonly contradicted: readonly SpaceId[]
  readonly attested: readonly AttestedRow[]
}

/**
 * What each entry's sender was in the groups that it leans on: by our own copy of the group where we hold it, at
 * the seq that the host names; by the host's word where we do not, or not that far yet (A20).
 */
async function readAudiences(
  context: Context,
  incoming: readonly Incoming[],
  headers: Headers,
): Promise<Audiences> {
  const byEntry = new Map<number, Audience>()
  const contradicted: SpaceId[] = []
  const attested: AttestedRow[] = []
  for (const { entry } of incoming) {
    const positions = [...(entry.body.via ?? []), ...(entry.body.anchor ?? [])]
    if (positions.length === 0) continue
    const header = headers.get(entry.body.seq)
    const sender = header?.sender.startsWith('u_') ? (header.sender as UserId) : undefined
    const members = new Map<SpaceId, Member | 'attested' | undefined>()
    for (const { space, epoch, seq, hash } of positions) {
      const group = await findSpace(context.db, space)
      if (!group || group.headSeq < seq || group.epoch < epoch) {
        members.set(space, 'attested')
        const { space: spaceId, seq: at } = entry.body
        if (group) attested.push({ spaceId, seq: at, groupId: space, groupSeq: seq, groupHash: hash })
        continue
      }
      // Before our copy begins we hold neither the entry nor who belonged then (A24).
      const place = await findEntryPlace(context.db, space, seq)
      const held = seq === group.baseSeq ? group.baseHash : place?.hash
      // What was named in an epoch that did not go on to there is gone from our copy, or never came.
      if (held !== hash && epoch < (place?.epoch ?? group.epoch)) {
        members.set(space, 'attested')
        continue
      }
      if (held !== hash && (seq >= group.snapshotSeq || held !== undefined)) contradicted.push(space)
      if (seq < group.snapshotSeq) {
        members.set(space, 'attested')
        continue
      }
      // A thread can only lean on groups of its own host.
      const isGroup = group.kind === 'group' && group.host === header?.host
      members.set(space, isGroup && sender ? await findMemberAt(context.db, space, sender, seq) : undefined)
    }
    byEntry.set(entry.body.seq, (group, user) => (user === sender ? members.get(group) : undefined))
  }
  return { byEntry, contradicted, attested }
}

type Past = Pick<Evidence, 'isPlaced' | 'isUsed' | 'lastNamed'>

/** What entries that we hold already have used up, as far as this batch could use it again. */
async function readPast(
  context: Context,
  space: SpaceId,
  batch: { readonly incoming: readonly Incoming[]; readonly head: number; readonly headers: Headers },
): Promise<Past> {
  const { db } = context
  const fresh = batch.incoming.filter(({ entry }) => entry.body.seq > batch.head)
  const headers = fresh.flatMap(({ entry }) => batch.headers.get(entry.body.seq) ?? [])
  const known = await findKnown(
    db,
    headers.map(({ origin, id }) => ({ space, origin, id })),
    [],
  )
  const placed = new Set(known.map(({ origin, eventId }) => `${origin} ${eventId}`))
  const used = headers.some(({ type }) => type === 'member.invite') ? await listInvitedEver(db, space) : []
  const named = new Map<SpaceId, Named>()
  const positions = fresh.flatMap(({ entry: { body } }) => [...(body.via ?? []), ...(body.anchor ?? [])])
  for (const group of new Set(positions.map((position) => position.space))) {
    named.set(group, await findLastNamed(db, space, group))
  }
  return {
    isPlaced: (origin, id) => placed.has(`${origin} ${id}`),
    isUsed: (jti) => used.includes(jti),
    lastNamed: (group) => named.get(group) ?? neverNamed,
  }
}
