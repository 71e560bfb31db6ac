import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { extname, sep } from 'node:path'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from './serve.ts'

// The page for browsers: the files of web/client as they are, TypeScript without its types. There is no build.

const directory = new URL('../../web/client/', import.meta.url)

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ts': 'text/javascript; charset=utf-8',
}

// Nothing inline, nothing from elsewhere: a text that got into the page as markup could still run nothing (T-XSS).
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

type Served = { readonly body: string; readonly etag: string }

export function webRoutes(app: App): void {
  const served = new Map<string, Served>()

  function serveFile(url: string, name: string): void {
    app.get(url, { schema: { hide: true } }, async (request, reply) => {
      // When it is first asked for: a node that serves no browser reads none of it.
      const file = served.get(name) ?? readFile(name)
      served.set(name, file)
      return await send(request, reply, name, file)
    })
  }

  serveFile('/', 'index.html')
  for (const name of listFiles()) {
    if (name !== 'index.html' && extname(name) in mediaTypes) serveFile(`/client/${name}`, name)
  }
}

/** Addresses come from this list and from nothing that a request says. */
function listFiles(): string[] {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return paths.map((path) => path.replaceAll(sep, '/'))
}

function readFile(name: string): Served {
  const text = readFileSync(new URL(name, directory), 'utf8')
  const body = name.endsWith('.ts') ? stripTypeScriptTypes(text) : text
  return { body, etag: `"${hash('sha256', body, 'base64url')}"` }
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  { body, etag }: Served,
): Promise<FastifyReply> {
  reply.headers({
    'cache-control': 'no-cache',
    'content-security-policy': pagePolicy,
    'content-type': mediaTypes[extname(name)],
    'cross-origin-opener-policy': 'same-origin',
    etag,
  })
  if (request.headers['if-none-match'] === etag) return await reply.status(304).send()
  return await reply.send(body)
}
