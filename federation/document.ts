import type { z } from 'zod'
import { refuse, accept, type Outcome } from './outcome.ts'
import { readJws, type Jws, type JwsType } from './strict-jws.ts'

// What all signed documents have in common once they are through the gate: a shape, and the list of member
// names that the reader has to understand.

/** One kind of signed document. `shape` is a z.looseObject: members it does not know stay in the payload. */
export type DocumentKind<S extends z.ZodObject> = {
  readonly typ: JwsType
  readonly shape: S
  readonly bytesMax: number
}

/** What a document's shape may be, and what a document of it says. */
export type Shape = z.ZodObject
export type PayloadOf<S extends Shape> = z.output<S>

/** A document of the right shape. Nothing it says is to be believed before its signature is verified. */
export type Document<T> = { readonly jws: Jws; readonly payload: T }

/**
 * Gate, shape and `must` (W7). Refuses with what readJws refuses with, or `schema` and the first member at
 * fault, or `features-missing` when `must` names a member that this reader does not know.
 */
export function readDocument<S extends z.ZodObject>(
  text: string,
  kind: DocumentKind<S>,
): Outcome<Document<z.output<S>>> {
  const jws = readJws(text, kind.typ, kind.bytesMax)
  if (!jws.ok) return jws
  const missing = firstNotUnderstood(jws.value.payload['must'], kind.shape)
  if (missing) return missing
  const payload = kind.shape.safeParse(jws.value.payload)
  if (!payload.success) return refuse('schema', payload.error.issues[0]?.path.join('.') || 'payload')
  return accept({ jws: jws.value, payload: payload.data })
}

function firstNotUnderstood(must: unknown, shape: z.ZodObject): Outcome<never> | undefined {
  if (must === undefined) return undefined
  if (!Array.isArray(must)) return refuse('schema', 'must')
  const known = must.every((name) => typeof name === 'string' && Object.hasOwn(shape.shape, name))
  return known ? undefined : refuse('features-missing', 'must')
}
