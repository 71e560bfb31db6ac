import { readDocument } from '#federation/document.ts'
import { jwkOf } from '#federation/keys.ts'
import {
  chooseSigningKey,
  noPrevious,
  type OperationLog,
  readOperationLog,
  signOperation,
} from '#federation/operation-log.ts'
import { signStatement, statementKind } from '#federation/statement.ts'
import { protocolVersions } from '#federation/version.ts'
import type { Statement } from '#schema/wire/statement.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { getWorkspacePolicy } from '#server/db/policies.ts'
import { listOperationTexts, replaceOperations } from '#server/db/node-ops.ts'
import {
  findPeer,
  holdPeer,
  insertPeer,
  type PeerRow,
  type PinnedDocuments,
  updatePinned,
} from '#server/db/peers.ts'
import { perNode } from '../per-node.ts'

// What we publish about ourselves: the key history, whose genesis is made at the first start, and the statement,
// which is signed again when half of its life is over, or when our clock was ahead at the time. Both are stored and served as the bytes they are, because
// other nodes compare the bytes of two places (D2), and several processes serve them.

export type OwnDocuments = {
  readonly log: OperationLog
  readonly statement: string
  /** The body of the well-known document and of /v1/node: the same bytes at both. */
  readonly body: Uint8Array
}

type Kept = {
  documents: OwnDocuments | undefined
  renewAt: number
  loading: Promise<OwnDocuments> | undefined
}

const keptBy = perNode((): Kept => ({ documents: undefined, renewAt: 0, loading: undefined }))

/**
 * Our documents as they are now. The first call on a new database makes them; what a command or another process has
 * changed since is noticed within `limits.ownKeysSweepMs`.
 */
export async function ownDocuments(context: Context): Promise<OwnDocuments> {
  const kept = keptBy(context)
  if (kept.documents && context.clock.now() < kept.renewAt) return kept.documents
  kept.loading ??= load(context, kept).finally(() => (kept.loading = undefined))
  return await kept.loading
}

/** The same, looked at anew: our key history, the keys that we hold, and with which of them we sign. */
export async function reloadOwnDocuments(context: Context): Promise<OwnDocuments> {
  keptBy(context).documents = undefined
  return await ownDocuments(context)
}

/** Signs with the key that our history says, where there is a history yet. Before anything is signed. */
export async function useOwnKeys(context: Context): Promise<void> {
  if (await findPeer(context.db, context.node)) await ownLog(context)
}

async function load(context: Context, kept: Kept): Promise<OwnDocuments> {
  const { node, config } = context
  if (!(await findPeer(context.db, node))) await begin(context)
  const log = await ownLog(context)
  const row = await renew(context, log)
  const { iat, exp } = read(row)
  kept.renewAt = ((iat + exp) / 2) * 1000
  const body = JSON.stringify({ node, base_url: config.baseUrl, statement: row.statement })
  return (kept.documents = { log, statement: row.statement, body: Buffer.from(body) })
}

/** The first start: a key history of one operation, and the first statement. */
async function begin(context: Context): Promise<void> {
  const { node, keys } = context
  const at = seconds(context)
  const jws = signOperation(
    {
      v: 1,
      node,
      seq: 1,
      prev: noPrevious,
      op: 'genesis',
      active: [jwkOf(keys.key, at)],
      recovery: [...keys.recovery],
      at,
    },
    keys.signer,
  )
  const read = readOperationLog([jws], node)
  if (!read.ok) throw new Error(`Our own genesis is not valid: ${read.detail}.`)
  const log = read.value
  await context.db.transaction().execute(async (tx) => {
    const pinned = {
      ...state(context, log, { version: 1, inbound: 'approval' }),
      node,
      askedAt: null,
      pinnedAt: context.clock.now(),
    }
    const never = { lastSuccessAt: null, lastFailureAt: null, lastFailure: null, failingSince: null }
    // Another process of this node may be starting too: the row's key decides whose genesis it is.
    if (!(await insertPeer(tx, { ...pinned, ...never }))) return
    await replaceOperations(tx, node, [{ hash: log.opHash, jws }])
  })
}

/** Our history, read and verified; from here on we sign with what it says. */
async function ownLog(context: Context): Promise<OperationLog> {
  const { db, node, keys } = context
  const texts = await listOperationTexts(db, node, { after: 0, limit: limits.operationsPerLogMax })
  const log = readOperationLog(texts, node)
  if (!log.ok) throw new Error(`Our own key history is not valid: ${log.detail}.`)
  keys.reload()
  const chosen = chooseSigningKey(log.value, keys.held, seconds(context))
  // The history of a restored database may end before a rotation; it is asked for with whatever key others believe (B4).
  if (!chosen && context.mode.recovering) return log.value
  // A database with the key file of another node: whatever we signed, nobody would believe it.
  if (!chosen)
    throw new Error('No signing key of this node is active in its key history. Restore the key file.')
  keys.use(chosen.key.kid)
  return log.value
}

/** The stored statement, or a newer one in its place when it is half over or no longer true. */
async function renew(context: Context, log: OperationLog): Promise<PeerRow> {
  return await context.db.transaction().execute(async (tx) => {
    // Held, so that versions of two processes do not cross.
    const row = await holdPeer(tx, context.node)
    if (!row) throw new Error('Our own documents have gone from the database.')
    const inbound = hints[(await getWorkspacePolicy(tx)).inbound]
    if (!isDue(context, row, log) && read(row).inbound === inbound) return row
    const next = state(context, log, { version: row.statementVersion + 1, inbound })
    await updatePinned(tx, context.node, next)
    return { ...row, ...next }
  })
}

function isDue(context: Context, row: PeerRow, log: OperationLog): boolean {
  const { iat, exp, base_url: baseUrl, op_hash: opHash, email_domains: claimed = [] } = read(row)
  const { config } = context
  const isTrue =
    baseUrl === config.baseUrl && opHash === log.opHash && claimed.join() === config.emailDomains.join()
  const now = seconds(context)
  // Nobody takes one from the future (D5).
  return !isTrue || now * 2 >= iat + exp || iat > now + limits.clockAheadSeconds
}

/** How a policy is called in a statement, where it is a hint to whoever would like to ask. */
const hints = { open: 'open', approval: 'approval', 'allow-list': 'allowlist' } as const

type What = { readonly version: number; readonly inbound: Statement['inbound'] }

function state(context: Context, log: OperationLog, { version, inbound }: What): PinnedDocuments {
  const { baseUrl, emailDomains } = context.config
  const iat = seconds(context)
  const exp = iat + limits.statementLifeRecommendedSeconds
  const statement = signStatement(
    {
      ver: version,
      base_url: baseUrl,
      versions: [...protocolVersions],
      features: [],
      ...(emailDomains.length === 0 ? {} : { email_domains: [...emailDomains] }),
      inbound,
      iat,
      exp,
    },
    log,
    context.keys.signer,
  )
  return {
    baseUrl,
    statement,
    statementVersion: version,
    statementExpiresAt: exp * 1000,
    genesisHash: log.genesisHash,
    opSeq: log.opSeq,
    opHash: log.opHash,
  }
}

function read(row: PeerRow): Statement {
  const document = readDocument(row.statement, statementKind)
  if (!document.ok) throw new Error('Our own statement is not valid.')
  return document.value.payload
}

function seconds(context: Context): number {
  return Math.floor(context.clock.now() / 1000)
}
