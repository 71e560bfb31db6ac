import { type Accepts, acceptsHere, faultOfEngine } from '#federation/engine.ts'
import { openHttp } from '#federation/transport/undici.ts'
import { limits } from '#schema/limits.ts'
import { openApp } from './app.ts'
import type { Config } from './config.ts'
import type { Context } from './context.ts'
import { openEmbedded } from './db/embedded.ts'
import { hasHistory } from './db/history.ts'
import { migrate } from './db/migrate.ts'
import { type DbOptions, openDb } from './db/open.ts'
import { openReads } from './db/reads.ts'
import { startCrossed } from './domain/dms-crossed.ts'
import { startEndings } from './domain/endings.ts'
import { startGuestWork } from './domain/guest-work.ts'
import { startMail } from './mail/outbox.ts'
import { rememberLooks } from './domain/profiles.ts'
import { sweepSessions } from './domain/sessions.ts'
import { openLog } from './log/log.ts'
import { detect } from './peers/recovery/detect.ts'
import { flushExchanges } from './peers/exchange/exchanges.ts'
import { useOwnKeys } from './peers/discovery/self.ts'
import { startPeerWork } from './peers/start.ts'
import { Activity } from './ports/activity.ts'
import { systemClock } from './ports/clock.ts'
import { openGate } from './ports/gate.ts'
import { openLive } from './ports/live.ts'
import { openLogger } from './ports/logger.ts'
import { type Mail, noMail } from './ports/mail.ts'
import { openMarkFile } from './ports/mark-file.ts'
import { openKeyFile } from './ports/node-keys.ts'
import { systemRandom } from './ports/random.ts'
import { openTasks } from './ports/tasks.ts'
import { openWake } from './ports/wake.ts'
import type { App } from './routes/serve.ts'

/** Of `engines` in package.json. */
const nodeMajor = 26

/** Ports that a test brings itself. */
export type Replacements = Partial<
  Omit<Context, 'node' | 'config' | 'db' | 'log' | 'reads' | 'hashing' | 'mode'>
> &
  Pick<DbOptions, 'client'> & { readonly accepts?: Accepts }

export type Node = {
  readonly context: Context
  readonly app: App
  /** Starts the work in the background; `listen` does it too. */
  start(): void
  /** Serves, and returns the address. */
  listen(): Promise<string>
  /** Finishes what is under way and ends everything. May be called twice. */
  stop(): Promise<void>
}

// What a node does by itself.
const workers: readonly ((context: Context) => void)[] = [
  startPeerWork,
  startMail,
  startEndings,
  (context) => context.tasks.once('looks of names', async () => await rememberLooks(context)),
  startCrossed,
  startGuestWork,
  (context) =>
    context.tasks.every('ended sessions', 60 * 60 * 1000, async () => await sweepSessions(context)),
]

/** One node, from its settings to its routes. It serves nobody yet. */
export async function openNode(config: Config, replace: Replacements = {}): Promise<Node> {
  refuseOddEngine(replace.accepts ?? acceptsHere)
  // Whatever is open when something fails is closed again, last things first; so it is at the stop.
  await using opened = new AsyncDisposableStack()
  const context = await openContext(config, replace, opened)
  await useOwnKeys(context)
  let isReady = true
  let isStarted = false
  const app = openApp(context, () => isReady)
  opened.defer(async () => await closeApp(app, context))
  await app.ready()
  const open = opened.move()
  let stopping: Promise<void> | undefined

  function start(): void {
    if (isStarted) return
    isStarted = true
    for (const work of workers) work(context)
  }

  async function stop(): Promise<void> {
    isReady = false
    // Only a node that listens has a proxy before it that must notice.
    if (app.server.listening) await context.clock.sleep(config.drainMs)
    await open.disposeAsync()
  }

  return {
    context,
    app,
    start,
    async listen() {
      const address = await app.listen({ host: config.listen.host, port: config.listen.port })
      start()
      return address
    },
    stop: async () => await (stopping ??= stop()),
  }
}

/** Before anything is signed or believed (K4). */
function refuseOddEngine(accepts: Accepts): void {
  const fault = faultOfEngine(accepts)
  if (fault === undefined) return
  const { node, openssl } = process.versions
  throw new Error(
    `This Node ${node} with OpenSSL ${openssl} judges signatures otherwise than every other node: ${fault}. ` +
      `Some messages would be believed here and nowhere else, or the other way round. Run it with Node ${nodeMajor} as it is published.`,
  )
}

async function openContext(
  config: Config,
  replace: Replacements,
  opened: AsyncDisposableStack,
): Promise<Context> {
  const logger = replace.logger ?? openLogger(config.logLevel)
  const clock = replace.clock ?? systemClock
  const random = replace.random ?? systemRandom
  const activity = replace.activity ?? new Activity()
  const { node, dataDirectory } = config
  let url = config.databaseUrl
  if (url === undefined) {
    const embedded = await openEmbedded({ dataDirectory, logger })
    opened.defer(async () => await embedded.stop())
    url = embedded.url
  }
  const { client } = replace
  const db = openDb({
    url,
    connectionsMax: config.databaseConnections,
    activity,
    logger,
    ...(client && { client }),
  })
  opened.defer(async () => await db.destroy())
  await migrate(db)
  const keys = replace.keys ?? openKeyFile({ dataDirectory, node, random, isNew: !(await hasHistory(db)) })
  const mark = replace.mark ?? openMarkFile(dataDirectory)
  const mode = await detect({ node, db, clock, random, mark })
  if (config.developmentPeers) {
    const peers = [...config.developmentPeers.keys()]
    logger.warn({ peers }, 'These peers are reached on loopback without TLS. This is for development only.')
  }
  const http = replace.http ?? openHttp({ developmentPeers: config.developmentPeers, activity })
  opened.defer(async () => await http.close())
  const mail = replace.mail ?? (await mailOf(config, activity))
  opened.defer(() => mail.close())
  const tasks = replace.tasks ?? openTasks(clock, logger)
  // After the last task, which may have had something to record.
  opened.defer(async () => await flushExchanges(context))
  opened.defer(async () => await tasks.stop())
  const ports = {
    node,
    db,
    clock,
    random,
    wake: replace.wake ?? openWake(),
    live: replace.live ?? openLive(),
    tasks,
    logger,
  }
  const context: Context = {
    ...ports,
    config,
    log: openLog(ports),
    reads: openReads(db, node, clock),
    keys,
    http,
    mail,
    activity,
    mark,
    mode,
    hashing: openGate({
      atOnceMax: limits.passwordHashesAtOnceMax,
      queuedMax: limits.passwordHashesQueuedMax,
    }),
  }
  return context
}

async function mailOf({ mail }: Config, activity: Activity): Promise<Mail> {
  if (!mail) return noMail
  // Only a node that sends mail loads what speaks SMTP.
  const { openSmtp } = await import('./ports/smtp.ts')
  return openSmtp({ ...mail, timeoutMs: limits.mailTimeoutMs, activity })
}

const finishMs = 20_000
const idleCheckMs = 50

/** Takes no more connections and finishes the requests that run; who is not done in time is cut off. */
async function closeApp(app: App, { clock }: Context): Promise<void> {
  const closed = new AbortController()
  const closing = app.close().finally(() => closed.abort())
  const deadline = clock.mono() + finishMs
  while (!closed.signal.aborted) {
    await clock.sleep(idleCheckMs, closed.signal)
    if (closed.signal.aborted) break
    // A connection is kept alive after its last answer, and would hold up the stop for as long as its client likes.
    app.server.closeIdleConnections()
    if (clock.mono() > deadline) app.server.closeAllConnections()
  }
  await closing
}
