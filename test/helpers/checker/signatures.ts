import { type DocumentKind, type PayloadOf, readDocument, type Shape } from '#federation/document.ts'
import { verifyJws } from '#federation/strict-jws.ts'
import type { Replica } from './load.ts'

/** What a document says, when one of the keys that this node knows has signed it. */
export function readSignedBy<S extends Shape>(
  { keys }: Replica,
  text: string,
  kind: DocumentKind<S>,
): PayloadOf<S> | undefined {
  const document = readDocument(text, kind)
  if (!document.ok) return undefined
  const { jws, payload } = document.value
  const key = keys.get(jws.header.kid)
  return key && verifyJws(jws, key).ok ? payload : undefined
}
