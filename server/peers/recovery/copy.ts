import { readBaseUrl } from '#federation/domain.ts'
import { accept, refuse } from '#federation/outcome.ts'
import { parleyJson } from '#federation/request-signature.ts'
import { readStrictJson } from '#federation/strict-json.ts'
import { limits } from '#schema/limits.ts'
import { probeNode } from '#schema/wire/recovery.ts'
import type { Context } from '#server/context.ts'
import { findIncarnation, listHolders, markRecovery } from '#server/db/incarnation.ts'
import { beginRecovery } from '#server/db/recovery.ts'
import { fetchDocument } from '../discovery/fetch.ts'
import { setMark } from './marks.ts'

// A copy of a node, started somewhere else, has its keys and its database and would speak in its name beside it. It
// finds out by asking at the node's own address for a value that stands in its own database and nowhere else (B3).

/** Is it this database that answers at our address? Also when nobody answers there: then nothing speaks against it. */
export async function isAtOurAddress(context: Context): Promise<boolean> {
  // Another process of ours that starts at this moment writes another value; hardly twice.
  return (await ask(context)) || (await ask(context))
}

async function ask(context: Context): Promise<boolean> {
  const { db, node, config } = context
  const row = await findIncarnation(db)
  const base = readBaseUrl(config.baseUrl)
  if (!row || !base.ok) return true
  const answer = await fetchDocument(context, {
    node,
    authority: base.value.authority,
    target: `${base.value.path}${probeNode.url}?of=${row.probe}`,
    route: probeNode.url,
    contentType: parleyJson,
    bytesMax: limits.apiBodyBytesMax,
    read(body) {
      const json = readStrictJson(body)
      const said = json.ok ? probeNode.reply.schema.safeParse(json.value) : undefined
      return said?.success ? accept(said.data) : refuse('schema', 'probe')
    },
  })
  return !answer.ok || answer.value.known
}

/** At the start, before anything is sent: a copy of a whole machine looks to itself as if nothing had happened. */
export async function noticeCopy(context: Context): Promise<void> {
  const { db, node, clock } = context
  const nodes = await listHolders(db, node)
  if (nodes.length === 0 || context.mode.recovering || (await isAtOurAddress(context))) return
  await db.transaction().execute(async (tx) => {
    await markRecovery(tx, clock.now(), 'copy')
    await beginRecovery(tx, node, nodes)
  })
  await setMark(context)
}
