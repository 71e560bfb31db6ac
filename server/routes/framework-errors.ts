import type { RefusalCode } from '#schema/refusal.ts'
import { Refusal } from '#server/refusal.ts'
import type { FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'

// What the framework refuses by itself, and what the contracts refuse, in our own words.

/** One rule of a contract that a request broke: where, and which. Never the value. */
export type RuleBroken = { readonly path: string; readonly rule: string }

export type Explained = { readonly refusal: Refusal; readonly errors?: readonly RuleBroken[] }

const codes: Readonly<Record<string, RefusalCode>> = {
  FST_ERR_BAD_URL: 'bad-target',
  FST_ERR_CTP_BODY_TOO_LARGE: 'too-large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad-header',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed-json',
  FST_ERR_MAX_PARAM_LENGTH: 'not-found',
  FST_ERR_NOT_FOUND: 'not-found',
}

/** Undefined for a fault. */
export function refusalOf(error: unknown, request: FastifyRequest): Explained | undefined {
  if (error instanceof Refusal) return { refusal: error }
  if (hasZodFastifySchemaValidationErrors(error)) return refusalOfValidation(error, request)
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown }
  if (typeof code !== 'string' || !code.startsWith('FST_')) return undefined
  const known = codes[code]
  if (known === 'too-large') {
    return { refusal: new Refusal('too-large', { limit: request.routeOptions.bodyLimit ?? 0 }) }
  }
  if (known) return { refusal: new Refusal(known) }
  const isTheirs = typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
  return isTheirs ? { refusal: new Refusal('invalid-request') } : undefined
}

type Issue = {
  readonly keyword?: string | undefined
  readonly instancePath: string
  readonly params: { readonly keys?: unknown }
}

type Failure = { readonly validation: readonly Issue[]; readonly validationContext?: string | undefined }

const pathCharactersMax = 100
const rulesToldMax = 20

function refusalOfValidation(error: unknown, request: FastifyRequest): Explained {
  const { validation, validationContext: part = 'body' } = error as Failure
  // An id of the wrong form is the id of nothing, and is answered like one that nobody has.
  if (part === 'params') return { refusal: new Refusal('not-found') }
  if (part === 'body' && request.body === undefined) {
    return { refusal: new Refusal('malformed-json', { offset: 0 }) }
  }
  const errors: RuleBroken[] = []
  let isUnknown = false
  for (const { keyword, instancePath, params } of validation) {
    const path = instancePath === '/' ? part : `${part}${instancePath.replaceAll('/', '.')}`
    if (Array.isArray(params.keys)) {
      isUnknown = true
      for (const key of params.keys) errors.push({ path: `${path}.${key}`, rule: 'unknown-property' })
    } else {
      errors.push({ path, rule: (keyword ?? 'invalid').replaceAll('_', '-') })
    }
  }
  const told = errors
    .slice(0, rulesToldMax)
    .map(({ path, rule }) => ({ path: path.slice(0, pathCharactersMax), rule }))
  return { refusal: new Refusal(isUnknown ? 'unknown-property' : 'invalid-request'), errors: told }
}
