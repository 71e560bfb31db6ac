import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { Email } from '#schema/email.ts'
import { NodeId } from '#schema/ids.ts'
import { limits } from '#schema/limits.ts'
import { z } from 'zod'
import { defaultDataDirectory } from './data-directory.ts'

// Environment in, checked settings out. The only file that reads the environment. Every secret may also be
// given as NAME_FILE, the path of a file that holds it.

const Port = z.coerce.number().int().min(0).max(65_535)
const HttpUrl = z.url({ protocol: /^https?$/ })

/** `acme.localhost=http://127.0.0.1:4000,globex.localhost=http://127.0.0.1:4001` */
const PeerMap = z.string().transform((text, context) => {
  const peers = new Map<NodeId, URL>()
  for (const pair of text.split(',')) {
    const [node, url] = pair.split('=', 2)
    const id = NodeId.safeParse(node)
    const isLoopback = url !== undefined && /^http:\/\/127\.0\.0\.1:\d{1,5}$/.test(url)
    if (!id.success || !isLoopback) {
      context.addIssue({
        code: 'custom',
        message: 'expected node=http://127.0.0.1:port, separated by commas',
      })
      return z.NEVER
    }
    peers.set(id.data, new URL(url))
  }
  return peers
})

/** `loopback, 10.0.0.0/8`: addresses, ranges, and the names that stand for some of them. */
const ProxyList = z.string().transform((text, context) => {
  const proxies = text.split(',').map((proxy) => proxy.trim())
  const named = ['loopback', 'linklocal', 'uniquelocal']
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/', 2)
    const family = isIP(address)
    const widest = family === 4 ? 32 : 128
    const isRange = family > 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= widest))
    if (named.includes(proxy) || isRange) continue
    const message = 'expected addresses or ranges, or loopback, linklocal, uniquelocal, separated by commas'
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
  return proxies
})

/** `acme.example,acme.com` */
const Domains = z.string().transform((text, context) => {
  const domains = text.split(',').map((domain) => NodeId.safeParse(domain.trim()))
  if (domains.every((domain) => domain.success)) return domains.map(({ data }) => data)
  context.addIssue({ code: 'custom', message: 'expected domains, separated by commas' })
  return z.NEVER
})

const settings = z
  .object({
    PARLEY_NODE_ID: NodeId.describe('domain of this workspace, for example acme.example'),
    PARLEY_PUBLIC_URL: HttpUrl.optional().describe('address that browsers use; https://NODE_ID when absent'),
    PARLEY_BASE_URL: z
      .url({ protocol: /^https$/ })
      .optional()
      .describe('address of the federation API'),
    PARLEY_HOST: z.string().default('127.0.0.1').describe('address to listen on'),
    PARLEY_PORT: Port.default(4000).describe('port to listen on'),
    PARLEY_TRUSTED_PROXIES: ProxyList.prefault('loopback').describe(
      'proxies whose X-Forwarded-For is believed',
    ),
    PARLEY_DATA: z.string().optional().describe('directory for keys and the embedded database'),
    DATABASE_URL: z.string().optional().describe('PostgreSQL 15 or newer; embedded when absent'),
    PARLEY_DATABASE_CONNECTIONS: z.coerce.number().int().min(4).max(200).default(10),
    PARLEY_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    PARLEY_ORGANISATION: z.string().max(80).optional().describe('name of the company, shown to partners'),
    PARLEY_SMTP_URL: z
      .url({ protocol: /^smtps?$/ })
      .optional()
      .describe('mail server, for example smtps://user:password@mail.acme.example'),
    PARLEY_MAIL_FROM: Email.optional().describe('address that mails come from'),
    PARLEY_EMAIL_DOMAINS: Domains.optional().describe("domains of this company's mail addresses"),
    PARLEY_DRAIN_SECONDS: z.coerce.number().int().min(0).max(60).optional().describe('wait before a stop'),
    PARLEY_BACKUP_DAYS: z.coerce
      .number()
      .int()
      .min(0)
      .max(3650)
      .default(30)
      .describe('days until no backup holds what was deleted'),
    PARLEY_EVENTS_PER_SECOND: z.coerce
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(limits.eventsPerUserPerSecondMax)
      .describe('events of one person, whether they write here or from another node'),
    PARLEY_DEVELOPMENT_PEERS: PeerMap.optional().describe('for .localhost and .test nodes only'),
  })
  .superRefine((env, context) => {
    const ids = [env.PARLEY_NODE_ID, ...(env.PARLEY_DEVELOPMENT_PEERS?.keys() ?? [])]
    if (env.PARLEY_DEVELOPMENT_PEERS && !ids.every((id) => /\.(?:localhost|test)$/.test(id))) {
      const message = 'is only for node ids that end in .localhost or .test'
      context.addIssue({ code: 'custom', path: ['PARLEY_DEVELOPMENT_PEERS'], message })
    }
    if ((env.PARLEY_SMTP_URL === undefined) !== (env.PARLEY_MAIL_FROM === undefined)) {
      const path = env.PARLEY_SMTP_URL === undefined ? 'PARLEY_SMTP_URL' : 'PARLEY_MAIL_FROM'
      context.addIssue({ code: 'custom', path: [path], message: 'is needed with the other one' })
    }
    const isPlain = env.PARLEY_PUBLIC_URL?.startsWith('http:') ?? false
    if (isPlain && !env.PARLEY_DEVELOPMENT_PEERS) {
      const message = 'has to be https unless PARLEY_DEVELOPMENT_PEERS is set'
      context.addIssue({ code: 'custom', path: ['PARLEY_PUBLIC_URL'], message })
    }
  })

export type Config = {
  readonly node: NodeId
  /** Where browsers reach us: links, cookies, the Origin check. */
  readonly publicUrl: URL
  /** What the node statement names: https, and so says every signature, whatever the development map connects to. */
  readonly baseUrl: string
  readonly listen: { readonly host: string; readonly port: number }
  /** Whose `X-Forwarded-For` says where a request came from. From anybody else it is ignored. */
  readonly trustedProxies: readonly string[]
  /** For keys and the embedded database. */
  readonly dataDirectory: string
  readonly databaseUrl: string | undefined
  readonly databaseConnections: number
  readonly logLevel: string
  readonly organisation: string | undefined
  /** What we tell others of how long our backups keep what was deleted. */
  readonly backupDays: number
  /** What one person may write in spaces that we host, and wherever else from here. */
  readonly eventsPerUser: { readonly perSecond: number; readonly burst: number }
  readonly developmentPeers: ReadonlyMap<NodeId, URL> | undefined
  /** How long a stopping node answers `not ready` before it refuses connections, so that a proxy notices. */
  readonly drainMs: number
  /** The way to send mails; without it links are shown instead. */
  readonly mail: { readonly url: string; readonly from: string } | undefined
  /** Mail domains that we claim in our statement; true for others when the domain names us in turn. */
  readonly emailDomains: readonly NodeId[]
  /** What one password hash costs. No setting: only tests, which build a Config themselves, make it cheaper. */
  readonly passwordCost: PasswordCost
  /** Of Parley. */
  readonly version: string
}

/** Parameters of argon2id; memory in KiB. */
export type PasswordCost = { readonly memory: number; readonly passes: number; readonly parallelism: number }

const burstSeconds = limits.eventsPerUserBurstMax / limits.eventsPerUserPerSecondMax

// The first choice of OWASP for argon2id.
const passwordCost: PasswordCost = { memory: 19_456, passes: 2, parallelism: 1 }

/** All that is wrong with the environment, at once, one sentence each. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(`The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}.`)
    this.faults = faults
  }
}

const names = Object.keys(settings.shape)
const secrets = new Set(['DATABASE_URL', 'PARLEY_SMTP_URL'])

export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const faults: string[] = []
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(environment)) {
    const base = name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : name
    if (value === undefined || value === '') continue
    if (names.includes(name)) values[name] = value
    else if (name.endsWith('_FILE') && secrets.has(base)) readSecret(base, value, values, faults)
    else if (name.startsWith('PARLEY_')) faults.push(`${name} is not a setting.${suggestion(name)}`)
  }
  const parsed = settings.safeParse(values)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) faults.push(sentenceOf(issue, values))
  }
  if (!parsed.success || faults.length > 0) throw new ConfigError(faults)
  return configOf(parsed.data, dataDirectoryOf(environment))
}

function readSecret(name: string, path: string, values: Record<string, string>, faults: string[]): void {
  if (values[name] !== undefined) faults.push(`${name} and ${name}_FILE are both set. Keep one.`)
  try {
    values[name] = readFileSync(path, 'utf8').trimEnd()
  } catch {
    faults.push(`${name}_FILE names a file that cannot be read.`)
  }
}

function sentenceOf(issue: z.core.$ZodIssue, values: Record<string, string>): string {
  const name = String(issue.path[0] ?? '')
  const about = (settings.shape as Record<string, z.ZodType>)[name]?.description
  if (values[name] === undefined) return `${name} is missing${about ? ` (${about})` : ''}.`
  const found = secrets.has(name) ? '' : `, found "${values[name]}"`
  return `${name}: ${issue.message}${found}${about ? ` (${about})` : ''}.`
}

/** The nearest setting, when a typo is near enough to one. */
function suggestion(name: string): string {
  const [best] = names
    .map((known) => ({ known, distance: distanceOf(name, known) }))
    .toSorted((a, b) => a.distance - b.distance)
  return best && best.distance <= 5 ? ` Did you mean ${best.known}?` : ''
}

/** Levenshtein distance. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}

function dataDirectoryOf(environment: NodeJS.ProcessEnv): string {
  const uid = process.getuid?.() ?? -1
  return defaultDataDirectory({ uid, home: homedir(), xdgDataHome: environment['XDG_DATA_HOME'] })
}

function configOf(env: z.output<typeof settings>, dataDirectory: string): Config {
  return {
    node: env.PARLEY_NODE_ID,
    publicUrl: new URL(env.PARLEY_PUBLIC_URL ?? `https://${env.PARLEY_NODE_ID}`),
    baseUrl: env.PARLEY_BASE_URL ?? `https://${env.PARLEY_NODE_ID}/federation`,
    listen: { host: env.PARLEY_HOST, port: env.PARLEY_PORT },
    trustedProxies: env.PARLEY_TRUSTED_PROXIES,
    dataDirectory: env.PARLEY_DATA ?? dataDirectory,
    databaseUrl: env.DATABASE_URL,
    databaseConnections: env.PARLEY_DATABASE_CONNECTIONS,
    logLevel: env.PARLEY_LOG_LEVEL,
    organisation: env.PARLEY_ORGANISATION,
    backupDays: env.PARLEY_BACKUP_DAYS,
    eventsPerUser: {
      perSecond: env.PARLEY_EVENTS_PER_SECOND,
      burst: env.PARLEY_EVENTS_PER_SECOND * burstSeconds,
    },
    developmentPeers: env.PARLEY_DEVELOPMENT_PEERS,
    drainMs: (env.PARLEY_DRAIN_SECONDS ?? (env.PARLEY_DEVELOPMENT_PEERS ? 0 : 5)) * 1000,
    mail:
      env.PARLEY_SMTP_URL !== undefined && env.PARLEY_MAIL_FROM !== undefined
        ? { url: env.PARLEY_SMTP_URL, from: env.PARLEY_MAIL_FROM }
        : undefined,
    emailDomains: env.PARLEY_EMAIL_DOMAINS ?? [],
    passwordCost,
    version: readVersion(),
  }
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
