import { openLogger } from '#server/ports/logger.ts'

// A node that goes on in spite of a fault of its own hides it from a test that only looks at what it does: a lane that
// throws is tried again. Its log says so.

export type Attentive = { readonly logger: ReturnType<typeof openLogger>; readonly faults: readonly string[] }

/** Keeps what nodes say about faults of their own, and prints what PARLEY_TEST_LOG asks for. */
export function attentiveLogger(): Attentive {
  const faults: string[] = []
  const shown = process.env['PARLEY_TEST_LOG']
  const destination = {
    write(line: string): void {
      if (shown !== undefined) process.stdout.write(line)
      const { err } = JSON.parse(line) as { err?: Described }
      if (err && isOwn(err)) faults.push(`${err.message} ${frameOf(err)}`)
    },
  }
  return { logger: openLogger(shown ?? 'warn', destination), faults }
}

type Described = {
  readonly type: string
  readonly message: string
  readonly code?: string
  readonly stack?: string
}

const ofLanguage: readonly string[] = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']
// A value or a name that the database does not take. What fails because the database is away or full is no fault.
const ofStatement = /^(22|23|42)/

function isOwn({ type, code = '' }: Described): boolean {
  return ofLanguage.includes(type) || ofStatement.test(code)
}

/** Where in the product it was. */
function frameOf({ stack = '' }: Described): string {
  return /\bserver\/[\w./-]+:\d+/.exec(stack)?.[0] ?? ''
}
