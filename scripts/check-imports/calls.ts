import { isWithin } from './layers.ts'

// Calls that are not for every file, and what to write instead.

export type Ban = {
  readonly pattern: RegExp
  readonly instead: string
  readonly appliesTo: (path: string, impure: boolean) => boolean
}

const outsideAdapters: Ban['appliesTo'] = (_path, impure) => !impure
const inSchema: Ban['appliesTo'] = (path) => isWithin(path, 'schema')
// Between nodes, members that a reader does not know are how a later version adds something.
const inSchemaOfOurOwn: Ban['appliesTo'] = (path) => inSchema(path, false) && !isWithin(path, 'schema/wire')

// The one way out to addresses that others name, which checks them (SSR-04). Mail and the database go where the
// operator says, by clients of their own.
const client = 'federation/transport/undici.ts'
const besideTheClient: Ban['appliesTo'] = (path) =>
  path !== client && ['schema', 'federation', 'server'].some((folder) => isWithin(path, folder))
const instead = `go through the Http of Context: ${client} alone makes requests`

export const bans: readonly Ban[] = [
  {
    pattern:
      /(?<![.\w])fetch\(|\b(?:globalThis|global|self)(?:\.fetch\b|\[['"]fetch['"]\])|\bnew (?:WebSocket|EventSource|XMLHttpRequest)\b/g,
    instead,
    appliesTo: besideTheClient,
  },
  {
    // Types say nothing on the network, isIP reads a text, and errors are what the client throws.
    pattern:
      /(?<!\bimport type [^;'"]*)(?<!\{ (?:isIP|errors) \} from )['"](?:node:(?:https?|http2|net|tls|dgram|dns)|undici)(?:\/[a-z]+)?['"]/g,
    instead,
    appliesTo: besideTheClient,
  },
  {
    pattern: /\b(?:ProxyAgent|EnvHttpProxyAgent|setGlobalDispatcher|globalAgent|setGlobalProxyFromEnv)\b/g,
    instead: 'nothing here goes through a proxy that the environment names',
    appliesTo: (path) => ['schema', 'federation', 'server'].some((folder) => isWithin(path, folder)),
  },
  {
    pattern: /(?<![.\w])(?:setTimeout|setInterval|setImmediate)\(|\bnode:timers\b/g,
    instead: 'let the Clock of Context sleep',
    appliesTo: outsideAdapters,
  },
  {
    pattern:
      /\bDate\.now\(|\bnew Date(?:\(\)|(?!\w|\())|(?<!new |[.\w])Date\(|\bperformance\.now\(|\bhrtime\b|\bTemporal\.Now\b/g,
    instead: 'ask the Clock of Context',
    appliesTo: outsideAdapters,
  },
  {
    pattern:
      /\bMath\.random\(|\b(?:randomBytes|randomInt|randomFill|randomFillSync|randomUUID|randomUUIDv7|getRandomValues)\b/g,
    instead: 'draw from the Random of Context',
    appliesTo: outsideAdapters,
  },
  {
    pattern: /\bprocess\.env\b/g,
    instead: 'read it in server/config.ts',
    appliesTo: outsideAdapters,
  },
  {
    // The database has a clock and a die of its own, which no simulation could hold.
    pattern:
      /(?<![.\w])(?:now|random|clock_timestamp|statement_timestamp|transaction_timestamp|gen_random_uuid|uuidv[47])\(\)|\b(?:current_timestamp|localtimestamp)\b/gi,
    instead: 'pass a value of the Clock or Random of Context to the statement',
    appliesTo: outsideAdapters,
  },
  {
    pattern: /\bz\.object\(/g,
    instead: 'write z.strictObject, since z.object drops what it does not know in silence',
    appliesTo: inSchemaOfOurOwn,
  },
  {
    pattern: /(?<![.\w])Buffer\b/g,
    instead: 'use Uint8Array, since this runs in browsers too',
    appliesTo: inSchema,
  },
]
