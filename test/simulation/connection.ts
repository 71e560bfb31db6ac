import pg from 'pg'
import type { Life } from './parts.ts'

// The Db port's seam: a connection of `pg` with a gate before every statement. What comes through is the SQL of the
// product, unchanged, on a PostgreSQL that does what it always does; what does not come through fails as it would.

type Query = (...args: unknown[]) => Promise<unknown>

/** One statement takes as long as the scheduler says, however long that is by the clock on the wall. */
const patience =
  'set lock_timeout = 0; set statement_timeout = 0; set idle_in_transaction_session_timeout = 0'

const reads = /^\s*(select|show|explain)\b/i

/** What is used as a connection by one life of a node. */
export function connectionsOf(life: Life): typeof pg.Client {
  return class extends pg.Client {
    readonly #name = life.keep(() => this.#pid())
    /** After an error nothing more is run in a transaction, as PostgreSQL has it. */
    #isFailed = false
    #isInTransaction = false

    constructor(config?: string | pg.ClientConfig) {
      super(config)
      // Before the pool listens: a backend may be ended while it is still connecting.
      this.on('error', () => undefined)
      const connect = super.connect.bind(this) as () => Promise<unknown>
      const query = super.query.bind(this) as Query
      this.connect = ((done: (error: Error | null) => void) => {
        const work = async (): Promise<void> => {
          await connect()
          await query(patience)
        }
        void this.#tell(work(), done)
      }) as typeof this.connect
      this.query = (async (...args: unknown[]) =>
        await this.#query(query, args)) as unknown as typeof this.query
    }

    /** The pool knows callbacks only. */
    async #tell(work: Promise<void>, done: (error: Error | null) => void): Promise<void> {
      let failure: Error | null = null
      try {
        await this.#follow(work)
      } catch (error) {
        failure = error as Error
      }
      done(failure)
    }

    async #query(query: Query, args: unknown[]): Promise<unknown> {
      const [first] = args
      const text = typeof first === 'string' ? first : (first as { text: string }).text
      const verb = /^\s*(begin|start transaction|commit|rollback)\b/i.exec(text)?.[1]?.toLowerCase()
      if (verb === 'begin' || verb === 'start transaction') {
        this.#isFailed = false
        this.#isInTransaction = true
        return await this.#follow(query(...args))
      }
      const fate = await life.statement(verb === 'commit', nameOf(text))
      if (verb === 'rollback') return await this.#end(query, 'rollback')
      if (verb === 'commit') return await this.#commit(query, fate)
      if (this.#isFailed) throw failure('25P02')
      if (fate !== 'run') {
        this.#isFailed = this.#isInTransaction
        if (fate === '57P01') await this.#break()
        throw failure(fate)
      }
      if (!this.#isInTransaction && !reads.test(text)) return await this.#runAlone(query, args)
      return await this.#follow(query(...args)).catch((error: unknown) => {
        this.#isFailed = this.#isInTransaction
        throw error
      })
    }

    /** A write outside a transaction is one by itself, and its COMMIT has a fate of its own. */
    async #runAlone(query: Query, args: unknown[]): Promise<unknown> {
      await this.#follow(query('begin'))
      this.#isInTransaction = true
      try {
        const result = await this.#follow(query(...args))
        await this.#commit(query, await life.statement(true, 'commit'))
        return result
      } catch (error) {
        if (this.#isInTransaction) await this.#end(query, 'rollback')
        throw error
      }
    }

    async #commit(query: Query, fate: string): Promise<unknown> {
      if (this.#isFailed) return await this.#end(query, 'rollback')
      switch (fate) {
        case 'run':
          return await this.#end(query, 'commit')
        case 'lost':
          await this.#break()
          life.world.reach('COMMIT with an unknown outcome that was none')
          throw new Error('Connection terminated unexpectedly')
        case 'lost-after':
          await this.#end(query, 'commit')
          await this.#break()
          life.world.reach('COMMIT with an unknown outcome that stands')
          throw new Error('Connection terminated unexpectedly')
        case 'crash-after':
          await this.#end(query, 'commit')
          life.world.reach('crash between COMMIT and its answer')
          return await life.crash()
        default:
          // PostgreSQL refuses to commit: nothing stays.
          await this.#end(query, 'rollback')
          throw failure(fate)
      }
    }

    async #end(query: Query, verb: 'commit' | 'rollback'): Promise<unknown> {
      this.#isInTransaction = false
      this.#isFailed = false
      return await this.#follow(query(verb))
    }

    /** The connection goes, and with it the transaction; nobody goes on before both have. */
    async #break(): Promise<void> {
      const gone = async (): Promise<void> => {
        const ended = new Promise((resolve) => this.once('end', resolve))
        await life.world.monitor.end([this.#pid()!])
        await ended
      }
      await this.#follow(gone())
    }

    async #follow<T>(work: Promise<T>): Promise<T> {
      const isWanted = (): boolean => !life.isOver
      return await life.world.scheduler.io.follow({ key: this.#name, pid: () => this.#pid(), isWanted }, work)
    }

    #pid(): number | undefined {
      return (this as unknown as { processID: number | null }).processID ?? undefined
    }
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(`The simulation answers ${code}.`), { code })
}

const names = new Map<string, string>()

/** A statement by how it begins; parameters are not part of it. */
function nameOf(text: string): string {
  const known = names.get(text)
  if (known !== undefined) return known
  const name = text.replaceAll(/\s+/g, ' ').trim().slice(0, 70)
  names.set(text, name)
  return name
}
