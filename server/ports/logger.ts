import { type DestinationStream, type Logger as Pino, pino } from 'pino'

export type Logger = Pick<Pino, 'info' | 'warn' | 'error' | 'debug'>

/**
 * What must never reach a log, wherever in an object it stands: contents, secrets, addresses of people. Paths are
 * given to three levels, since that is how deep our log objects go; `logger.test.ts` holds this to account.
 */
const secretNames = [
  'text',
  'content',
  'salt',
  'body',
  'password',
  'token',
  'authorization',
  'cookie',
  'set-cookie',
  'secret',
  'privateKey',
  'jws',
  'header',
  'email',
  'databaseUrl',
]

export const redactedPaths: readonly string[] = secretNames.flatMap((name) => {
  const key = /^[a-z]+$/i.test(name) ? name : `["${name}"]`
  const below = key.startsWith('[') ? key : `.${key}`
  return [key, `*${below}`, `*.*${below}`]
})

/** One JSON object and one sentence a line, on standard output unless told otherwise. */
export function openLogger(level: string, destination?: DestinationStream): Pino {
  const options = {
    level,
    base: null,
    redact: { paths: [...redactedPaths], censor: '[redacted]' },
    serializers: { err: describeError },
  }
  return destination ? pino(options, destination) : pino(options)
}

const causesMax = 5

/**
 * What an operator needs of an error. Not all its properties: a database error carries its whole client, and in
 * `detail` the values of a row.
 */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? error : typeof error
  const { name, message, stack, cause } = error
  const { code } = error as { code?: unknown }
  return {
    type: name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    stack,
    ...(cause === undefined || depth >= causesMax ? {} : { cause: describeError(cause, depth + 1) }),
  }
}
