import { activeKeys } from '#federation/operation-log.ts'
import { type Jws, type JwsType, readJws, signJws } from '#federation/strict-jws.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import { ownDocuments } from '../discovery/self.ts'

// Documents that we signed and kept for as long as nobody has confirmed them, in the form in which others take them
// today: a rotation may have taken the key away since (K16).

/** The same payload, signed anew when it has to be. */
export async function signedNow(context: Context, typ: JwsType, text: string): Promise<string> {
  const kept = read(typ, text)
  return (await isByActiveKey(context, kept)) ? text : signJws(typ, kept.payload, context.keys.signer)
}

/** For what has other signatures in it, and is made again as a whole. */
export async function isStillGood(context: Context, typ: JwsType, text: string): Promise<boolean> {
  return await isByActiveKey(context, read(typ, text))
}

async function isByActiveKey(context: Context, { header }: Jws): Promise<boolean> {
  const { log } = await ownDocuments(context)
  return activeKeys(log).some(({ key }) => key.kid === header.kid)
}

function read(typ: JwsType, text: string): Jws {
  const kept = readJws(text, typ, limits.statementBytesMax)
  if (!kept.ok) throw new Error(`A kept ${typ} of ours does not pass the gate.`)
  return kept.value
}
