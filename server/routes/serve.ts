import type { Endpoint } from '#schema/endpoint.ts'
import { limits } from '#schema/limits.ts'
import type { Context } from '#server/context.ts'
import type { Actor } from '#server/domain/actor.ts'
import { Refusal } from '#server/refusal.ts'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import { z } from 'zod'
import { actorOf, refuseForeignOrigin } from './actor.ts'

export type App = FastifyInstance

declare module 'fastify' {
  interface FastifyInstance {
    /** What is served, in the order of the routes: for the reference page and the matrix of who may do what. */
    contracts: Endpoint[]
  }
  interface FastifyRequest {
    actor: Actor | null
  }
  interface FastifyContextConfig {
    contract?: Endpoint
  }
}

type Out<T> = T extends z.ZodType ? z.output<T> : undefined
type SignedIn = { readonly policy: 'user' | 'member' | 'admin' }

/** A request that has met its contract. */
export type Call<E extends Endpoint> = {
  readonly actor: E extends SignedIn ? Actor : undefined
  readonly params: Out<E['params']>
  readonly query: Out<E['querystring']>
  readonly body: Out<E['body']>
  readonly idempotencyKey: E extends { readonly idempotent: true } ? string : undefined
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

type Handle<E extends Endpoint> = (call: Call<E>) => Promise<z.input<E['reply']['schema']>>

/**
 * Binds a contract of the client API to the code that fulfils it. Nothing gets past without what the contract
 * demands: policy, shape, idempotency key. The reply is held to it too; a wrong one is a fault, not an answer.
 */
export function serve<E extends Endpoint>(app: App, context: Context, contract: E, handle: Handle<E>): void {
  app.contracts.push(contract)
  app.route({
    method: contract.method,
    url: contract.url,
    ...(contract.bodyBytesMax === undefined ? {} : { bodyLimit: contract.bodyBytesMax }),
    config: configOf(contract),
    schema: {
      summary: contract.summary,
      querystring: contract.querystring ?? nothing,
      ...(contract.params && { params: contract.params }),
      ...(contract.body && { body: contract.body }),
      response: { [contract.reply.status]: contract.reply.schema },
    },
    // After the body has been read and before its shape is checked: a stranger learns nothing about shapes.
    preValidation: async (request) => {
      request.actor = await admit(context, contract, request)
    },
    handler: async (request, reply) => {
      reply.status(contract.reply.status)
      const { actor, params, query, body } = request
      // The one seam between Fastify's types and the contract's: the compiled schemas have made it true.
      const call = { actor, params, query, body, idempotencyKey: keyOf(contract, request), request, reply }
      return await handle(call as unknown as Call<E>)
    },
  })
}

const nothing = z.strictObject({})

/** Lets in whom the policy of the contract lets in. */
async function admit(context: Context, contract: Endpoint, request: FastifyRequest): Promise<Actor | null> {
  // A body that the contract does not know would be dropped in silence.
  if (!contract.body && request.body !== undefined) throw new Refusal('unknown-property', { field: 'body' })
  switch (contract.policy) {
    case 'public':
      refuseForeignOrigin(context, request)
      return null
    case 'user':
      return await actorOf(context, request)
    case 'member': {
      const actor = await actorOf(context, request)
      if (actor.role === 'guest') throw new Refusal('not-found')
      return actor
    }
    case 'admin': {
      const actor = await actorOf(context, request)
      if (actor.role !== 'owner' && actor.role !== 'admin') throw new Refusal('admin-required')
      return actor
    }
    default:
      throw new Error(`${contract.url} has a policy of the federation API.`)
  }
}

const visible = /^[\x21-\x7e]+$/

function keyOf(contract: Endpoint, request: FastifyRequest): string | undefined {
  if (!contract.idempotent) return undefined
  const key = request.headers['idempotency-key']
  const isKey =
    typeof key === 'string' && key.length <= limits.idempotencyKeyCharactersMax && visible.test(key)
  if (!isKey) throw new Refusal('idempotency-key-required')
  return key
}

function configOf(contract: Endpoint): NonNullable<RouteShorthandOptions['config']> {
  const { attemptsPerMinuteMax: max } = contract
  if (max === undefined) return { contract }
  return {
    contract,
    rateLimit: { max, keyGenerator: (request) => `${request.ip} ${aimOf(request.body)}` },
  }
}

/** What somebody tries to get into: the limit is for each. */
function aimOf(body: unknown): string {
  const { handle, email, challenge, token, response } = (body ?? {}) as Record<string, unknown>
  const passkey = (response as { id?: unknown } | undefined)?.id
  return String(handle ?? email ?? challenge ?? token ?? passkey).slice(0, 320)
}
