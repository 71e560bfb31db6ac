import {
  type Document,
  type DocumentKind,
  type PayloadOf,
  readDocument,
  type Shape,
} from '#federation/document.ts'
import type { Outcome } from '#federation/outcome.ts'
import { verifyJws } from '#federation/strict-jws.ts'
import type { NodeId } from '#schema/ids.ts'
import type { Context } from '#server/context.ts'
import { Refusal } from '#server/refusal.ts'
import { peerKey } from '../discovery/discover.ts'

/** Reads a document that a node signed: gate, shape, key, signature, and that it speaks in its own name. */
export async function readSigned<S extends Shape>(
  context: Context,
  node: NodeId,
  text: string,
  kind: DocumentKind<S>,
): Promise<Outcome<Document<PayloadOf<S>>>> {
  const document = readDocument(text, kind)
  if (!document.ok) return document
  const { jws, payload } = document.value
  const key = await peerKey(context, node, jws.header.kid)
  if (!key.ok) return key
  const verified = verifyJws(jws, key.value)
  if (!verified.ok) return verified
  const { iss, aud } = payload as { readonly iss?: unknown; readonly aud?: unknown }
  if (iss !== node) return { ok: false, code: 'signature-invalid', detail: 'iss' }
  // Where a document names an addressee, it is for nobody else.
  if (aud !== undefined && aud !== context.node)
    return { ok: false, code: 'wrong-destination', detail: 'aud' }
  return document
}

/** The same, for a request that cannot go on without it. */
export async function expectSigned<S extends Shape>(
  context: Context,
  node: NodeId,
  text: string,
  kind: DocumentKind<S>,
): Promise<Document<PayloadOf<S>>> {
  const document = await readSigned(context, node, text, kind)
  if (!document.ok) throw new Refusal(document.code, { detail: document.detail ?? kind.typ })
  return document.value
}
