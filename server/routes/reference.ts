import swagger, { type SwaggerTransformObject } from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { Endpoint } from '#schema/endpoint.ts'
import { limits } from '#schema/limits.ts'
import { Problem } from '#schema/problem.ts'
import type { Context } from '#server/context.ts'
import type { FastifySchema } from 'fastify'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { protectPages } from './pages.ts'
import type { App } from './serve.ts'

// The reference of the client API, made of the contracts that are served and of nothing else.

const documentUrl = '/api/openapi.json'

/** Has to come before the routes it describes. */
export async function describeRoutes(app: App, context: Context): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Parley',
        description: 'The client API of a Parley node.',
        version: context.config.version,
      },
      servers: [{ url: context.config.publicUrl.origin }],
      components: {
        responses: { Problem: problem },
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', description: 'The token of a session.' },
          cookie: { type: 'apiKey', in: 'cookie', name: 'parley_session' },
        },
      },
    },
    transform: (route) => {
      const { contract } = route.route.config ?? {}
      if (!contract) return { schema: { hide: true }, url: route.url }
      const { schema, url } = jsonSchemaTransform(route)
      return { schema: describe(contract, schema), url }
    },
    transformObject: withProblems,
  })
}

/** The document and the page that shows it. */
export async function referenceRoutes(app: App, context: Context): Promise<void> {
  // The page styles itself while it runs.
  await protectPages(app, context, { styles: ["'self'", "'unsafe-inline'"] })
  let text: string | undefined
  app.get(documentUrl, async (_request, reply) => {
    text ??= JSON.stringify(app.swagger())
    return await reply.type('application/json').send(text)
  })
  await app.register(swaggerUi, {
    routePrefix: '/api/reference',
    uiConfig: { tryItOutEnabled: true },
  })
}

const idempotencyKey = {
  type: 'object',
  properties: {
    'Idempotency-Key': { type: 'string', maxLength: limits.idempotencyKeyCharactersMax },
  },
  required: ['Idempotency-Key'],
}

const problem = {
  description: 'A refusal, with its code in `type`.',
  content: { 'application/problem+json': { schema: z.toJSONSchema(Problem) as object } },
}

function describe(contract: Endpoint, schema: FastifySchema): FastifySchema {
  return {
    ...schema,
    ...(contract.idempotent ? { headers: idempotencyKey } : {}),
    tags: [contract.url.split('/')[2] ?? 'health'],
    security: contract.policy === 'public' ? [] : [{ bearer: [] }, { cookie: [] }],
  }
}

type Operation = { readonly responses?: object }

/** Whatever is asked for, the answer may be a problem. */
const withProblems: SwaggerTransformObject = (made) => {
  if (!('openapiObject' in made)) return made.swaggerObject
  const paths = mapValues(made.openapiObject.paths ?? {}, (path: object) =>
    mapValues(path, ({ responses, ...operation }: Operation) => ({
      ...operation,
      responses: { ...responses, default: { $ref: '#/components/responses/Problem' } },
    })),
  )
  return { ...made.openapiObject, paths } as ReturnType<SwaggerTransformObject>
}

function mapValues(object: object, change: (value: never) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value as never)]))
}
