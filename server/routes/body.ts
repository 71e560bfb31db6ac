import { readStrictJson } from '#federation/strict-json.ts'
import { Refusal } from '#server/refusal.ts'
import type { FastifyInstance } from 'fastify'

const utf8Json = /^application\/json(?:[\t ]*;[\t ]*charset="?utf-8"?)?$/i

/** Bodies of the client API: strict JSON in UTF-8 and nothing else. The size is checked while they arrive. */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const { 'content-type': type = '', 'content-encoding': encoding } = request.headers
    if (!utf8Json.test(type) || encoding !== undefined) {
      done(new Refusal('unsupported-media-type'))
      return
    }
    const read = readStrictJson(body)
    if (read.ok) done(null, read.value)
    else done(new Refusal(codeOf(read.detail), { reason: read.detail, offset: read.at }))
  })
}

/** Names that mean something to JavaScript are properties that no endpoint knows; the rest is no JSON of ours. */
function codeOf(reason: string): 'unknown-property' | 'malformed-json' {
  return reason === 'name-reserved' ? 'unknown-property' : 'malformed-json'
}
